"""The cleaned frames of the brief's posts and of every dirty form."""

import json

from bucket import Row
from pinterest.cleaning import CLEANED_SCHEMAS, clean, identities
from pinterest.parsing import parse
from pinterest.schema import read_kind
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType
from rows import CLEAN_GEO, CLEAN_PIN, CLEAN_USER, DIRTY_PIN, geo, pin, user

MARKERS = {
    "title": ["No Title Data Available"],
    "description": ["No description available", "No description available Story format", "Untitled"],
    "poster_name": ["User Info Error"],
    "follower_count": ["User Info Error"],
    "tag_list": ["N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e"],
    "image_src": ["Image src error."],
}
TEXTS = {
    "pin": [column for column in CLEAN_PIN if column not in ("index", "downloaded")],
    "geo": ["country"],
    "user": ["first_name", "last_name"],
}


def source_rows(spark: SparkSession, kind: str, rows: list[Row]) -> DataFrame:
    """The rows as the parser hands them on."""
    lines = spark.createDataFrame([(json.dumps(row),) for row in rows], "value string").coalesce(1)
    names = [column.name for column in read_kind(kind).columns]
    return parse(lines, read_kind(kind), names).select("row.*")


def cleaned(spark: SparkSession, kind: str, rows: list[Row]) -> list[dict[str, object]]:
    """The cleaned rows, with timestamps as text in the session's zone."""
    frame = clean(read_kind(kind), source_rows(spark, kind, rows))
    shown = [
        F.date_format(name, "yyyy-MM-dd HH:mm:ss").alias(name) if of_type == "timestamp" else F.col(name)
        for name, of_type in frame.dtypes
    ]
    return [row.asDict() for row in frame.select(*shown).collect()]


def test_columns_order_and_types_are_the_brief_s(spark: SparkSession) -> None:
    for kind, row in (("pin", CLEAN_PIN), ("geo", CLEAN_GEO), ("user", CLEAN_USER)):
        frame = clean(read_kind(kind), source_rows(spark, kind, [row]))
        expected = StructType.fromDDL(CLEANED_SCHEMAS[kind])
        assert frame.schema.simpleString() == expected.simpleString()


def test_the_brief_s_clean_post(spark: SparkSession) -> None:
    expected = {
        "ind": 10794,
        **{name: value for name, value in CLEAN_PIN.items() if name not in ("index", "downloaded")},
        "follower_count": 437,
        "save_location": "/data/vehicles",
    }
    assert cleaned(spark, "pin", [CLEAN_PIN]) == [expected]
    assert cleaned(spark, "geo", [CLEAN_GEO]) == [
        {
            "ind": 10794,
            "country": "Cocos (Keeling) Islands",
            "coordinates": [-89.5236, -154.567],
            "timestamp": "2022-01-01 02:26:50",
        }
    ]
    assert cleaned(spark, "user", [CLEAN_USER]) == [
        {"ind": 10794, "user_name": "Thomas Turner", "age": 34, "date_joined": "2016-12-22 00:02:02"}
    ]


def test_the_brief_s_dirty_post(spark: SparkSession) -> None:
    assert cleaned(spark, "pin", [DIRTY_PIN]) == [
        {
            "ind": 7528,
            "unique_id": "fbe53c66-3442-4773-b19e-d3ec6f54dddf",
            "title": None,
            "description": None,
            "follower_count": None,
            "poster_name": None,
            "tag_list": None,
            "is_image_or_video": "multi-video(story page format)",
            "image_src": None,
            "save_location": "/data/mens-fashion",
            "category": "mens-fashion",
        }
    ]


def test_a_marker_is_missing_in_its_own_columns_only(spark: SparkSession) -> None:
    markers = sorted({marker for own in MARKERS.values() for marker in own})
    rows = cleaned(spark, "pin", [pin(1, **dict.fromkeys(TEXTS["pin"], marker)) for marker in markers])
    for marker, row in zip(markers, rows, strict=True):
        expected = {name: None if marker in MARKERS.get(name, []) else marker for name in TEXTS["pin"]}
        # No marker says a number of followers.
        assert row == {"ind": 1, **expected, "follower_count": None}


def test_blank_text_is_missing_in_every_text_column(spark: SparkSession) -> None:
    blanks = ["", "  ", "\u00a0\n"]
    for name in TEXTS["pin"]:
        assert [row[name] for row in cleaned(spark, "pin", [pin(1, **{name: blank}) for blank in blanks])] == [None] * 3
    assert [row["country"] for row in cleaned(spark, "geo", [geo(1, country=blank) for blank in blanks])] == [None] * 3
    assert cleaned(spark, "pin", [pin(1, save_location="Local save in ")])[0]["save_location"] is None


def test_half_a_name_is_no_user_name(spark: SparkSession) -> None:
    rows: list[Row] = [user(1, first_name=None), user(1, last_name=" "), user(1, first_name="", last_name=None)]
    assert [row["user_name"] for row in cleaned(spark, "user", rows)] == [None, None, None]


def test_names_stay_apart_beside_the_cleaned_frame(spark: SparkSession) -> None:
    rows: list[Row] = [
        user(1, first_name="Mary Ann", last_name="Smith"),
        user(2, first_name="Mary", last_name="Ann Smith"),
        user(3, first_name="Mary", last_name=""),
    ]
    assert {row["user_name"] for row in cleaned(spark, "user", rows[:2])} == {"Mary Ann Smith"}
    names = identities(read_kind("user"), source_rows(spark, "user", rows)).select("ind", "first_name", "last_name")
    assert [tuple(row) for row in names.collect()] == [
        (1, "Mary Ann", "Smith"),
        (2, "Mary", "Ann Smith"),
        (3, "Mary", None),
    ]


def test_nulls_stay_null(spark: SparkSession) -> None:
    assert cleaned(spark, "geo", [{"ind": 1}]) == [
        {"ind": 1, "country": None, "coordinates": [None, None], "timestamp": None}
    ]
    assert cleaned(spark, "user", [{"ind": 1}]) == [{"ind": 1, "user_name": None, "age": None, "date_joined": None}]
    assert set(cleaned(spark, "pin", [{"index": 1}])[0].values()) == {1, None}
