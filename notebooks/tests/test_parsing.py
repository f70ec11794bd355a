"""Which lines are rows, and what is said of the others."""

import json

import pytest
from bucket import Row
from pinterest.key_order import of_hash_map
from pinterest.parsing import NOT_AN_OBJECT, NOT_JSON, is_plain, parse
from pinterest.schema import read_kind
from pyspark.sql import Row as SparkRow
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from rows import CLEAN_GEO, CLEAN_PIN, CLEAN_USER, DIRTY_PIN, geo, pin, user


def parsed(spark: SparkSession, kind: str, lines: list[str | None]) -> list[SparkRow]:
    """What becomes of each line, which must not depend on the order in which its keys are expected."""
    frame = spark.createDataFrame([(line,) for line in lines], "value string").coalesce(1)
    names = [column.name for column in read_kind(kind).columns]
    found = [parse(frame, read_kind(kind), order).collect() for order in (names, names[::-1])]
    assert str(found[0]) == str(found[1])  # as text, since not a number is not equal to itself
    return found[0]


def faults(spark: SparkSession, kind: str, lines: list[str | None]) -> list[str | None]:
    """The fault of each line."""
    return [row["fault"] for row in parsed(spark, kind, lines)]


def as_line(row: Row) -> str:
    """The row as JSON, as the emulator writes it."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def faults_of_rows(spark: SparkSession, kind: str, rows: list[Row]) -> list[str | None]:
    """The fault of each row."""
    return faults(spark, kind, [as_line(row) for row in rows])


def test_values_come_out_as_they_went_in(spark: SparkSession) -> None:
    text = ' "quoted" \\ \r\n\t\u0000 \u00e9 \u2028 \U0001f600 {"index": 1} '
    rows = [CLEAN_PIN, pin(1, title=text, description="5", downloaded=None), pin(-2, title="", category="null")]
    for write in (as_line, json.dumps, lambda row: f" {json.dumps(row)}\r"):
        found = parsed(spark, "pin", [write(row) for row in rows])
        assert [row["fault"] for row in found] == [None, None, None]
        assert [row["row"].asDict() for row in found] == rows


def test_coordinates_are_the_nearest_doubles(spark: SparkSession) -> None:
    numbers = [
        "-89.5236",
        "0",
        "7",
        "-0.1",
        "1e2",
        "123456789012345678901234567890",
        "1.7976931348623157e308",
        "5e-324",
    ]
    found = parsed(spark, "geo", [f'{{"ind": 1, "latitude": {number}}}' for number in numbers])
    assert [row["fault"] for row in found] == [None] * len(numbers)
    assert [row["row"]["latitude"] for row in found] == [float(number) for number in numbers]


@pytest.mark.parametrize(
    ("kind", "row"), [("pin", CLEAN_PIN), ("pin", DIRTY_PIN), ("geo", CLEAN_GEO), ("user", CLEAN_USER)]
)
def test_a_row_with_its_keys_in_the_expected_order_needs_no_closer_look(
    spark: SparkSession, kind: str, row: Row
) -> None:
    order = of_hash_map(list(row))
    line = as_line({key: row[key] for key in order})
    frame = spark.createDataFrame([(line,)], "value string")
    read = frame.withColumn("row", F.from_json("value", read_kind(kind).json_schema))
    assert read.where(is_plain(read_kind(kind), order)).count() == 1


def test_an_absent_column_is_null_and_an_unknown_one_is_ignored(spark: SparkSession) -> None:
    assert faults(spark, "geo", ['{"ind": 5}', '{"ind": 5, "country": null, "Country": 1, "more": {"a": [1]}}']) == [
        None,
        None,
    ]


def test_what_is_no_json_document_is_refused(spark: SparkSession) -> None:
    good = json.dumps(CLEAN_GEO)
    lines: list[str | None] = [
        None, "", "  ", "hello", good[:-1], good + "x", good + "]", good + "}", good + good, f"{good},{good}",
        good + "]{}", good + '},"a":{}', "{'ind': 1}", "{ind: 1}", '{"ind": 01}', '{"ind": 1,}', '{"ind": NaN}',
        '\ufeff{"ind": 1}', '{"ind": 1} // no', '{"ind": 1, "country": "a\tb"}', '{"ind": 1, "country": "\\ud800"}',
        '{"ind": 1, "ind": 1}', '{"ind": 1, "country": "a", "country": "b"}',
    ]  # fmt: skip
    assert faults(spark, "geo", lines) == [NOT_JSON] * len(lines)


def test_what_is_no_object_is_refused(spark: SparkSession) -> None:
    lines: list[str | None] = ["null", "5", '"text"', "true", "[]", '[{"ind": 1}]']
    assert faults(spark, "geo", lines) == [NOT_AN_OBJECT] * len(lines)


def test_the_key_must_be_there_and_an_int(spark: SparkSession) -> None:
    assert faults(spark, "pin", ["{}", '{"index": null}', '{"ind": 5}', '{"INDEX": 5}']) == ["index is missing"] * 4
    values: list[object] = ["5", 5.0, 5.5, True, [5], {"a": 5}, 2**31, -(2**31) - 1, 10**30]
    assert faults_of_rows(spark, "pin", [{"index": value} for value in values]) == [
        "index is not a 32-bit whole number"
    ] * len(values)
    assert faults_of_rows(spark, "pin", [{"index": value} for value in (0, -5, 2**31 - 1, -(2**31))]) == [None] * 4


def test_a_value_of_another_type_is_refused(spark: SparkSession) -> None:
    cases: list[tuple[str, Row, str]] = [
        ("pin", pin(1, title=5), "title is not text"),
        ("pin", pin(1, follower_count=5000), "follower_count is not text"),
        ("pin", pin(1, category=False), "category is not text"),
        ("pin", pin(1, tag_list=["a"]), "tag_list is not text"),
        ("pin", pin(1, title={"a": "b"}), "title is not text"),
        ("pin", pin(1, downloaded="1"), "downloaded is not a 32-bit whole number"),
        ("user", user(1, age="34"), "age is not a 32-bit whole number"),
        ("user", user(1, age=34.5), "age is not a 32-bit whole number"),
        ("user", user(1, date_joined=20161222), "date_joined is not a date and time"),
        ("user", user(1, date_joined="2016-02-30T00:00:00"), "date_joined is not a date and time"),
        ("geo", geo(1, timestamp="yesterday"), "timestamp is not a date and time"),
        ("geo", geo(1, latitude="1.5"), "latitude is not a finite number"),
        ("geo", geo(1, latitude="NaN"), "latitude is not a finite number"),
        ("geo", geo(1, longitude=True), "longitude is not a finite number"),
        ("geo", geo(1, latitude="", longitude=[], timestamp=1), "timestamp is not a date and time; "
         "latitude is not a finite number; longitude is not a finite number"),
    ]  # fmt: skip
    for kind in ("pin", "geo", "user"):
        own = [(row, fault) for of_kind, row, fault in cases if of_kind == kind]
        assert faults_of_rows(spark, kind, [row for row, _ in own]) == [fault for _, fault in own]


def test_a_number_beyond_double_s_range_is_refused(spark: SparkSession) -> None:
    assert (
        faults(spark, "geo", ['{"ind": 1, "latitude": 1e400}', '{"ind": 1, "latitude": -1e400}'])
        == ["latitude is not a finite number"] * 2
    )


def test_no_datetime_is_no_fault(spark: SparkSession) -> None:
    assert faults_of_rows(spark, "geo", [geo(1, timestamp=None), geo(1, timestamp=" ")]) == [None, None]
