"""Each query on a few posts whose answers can be told by reading them."""

import json
from collections.abc import Sequence

import pytest
from pinterest.cleaning import CLEANED_SCHEMAS, IDENTITIES_SCHEMA
from pinterest.facts import IDENTITY, Facts, Tables, count
from pinterest.queries import QUERIES
from pinterest.results import Answer, answer, as_frame, document
from pinterest.schema import columns as schema_of
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

# ind, category, poster, followers
PINS = [
    (1, "art", "Ann", 10),
    (2, "art", "Bob", 20),
    (3, "beauty", "Bob", 20),
    (4, "beauty", "Cleo", None),
    (5, "\u00e9ducation", None, 900),
    (6, None, "Dan", 7),
    (7, "travel", "Eve", 500),
    (8, "travel", "Eve", 500),
    (9, "Zen", "Fay", 1),
    (10, "Zen", "Gus", 500),
]
# ind, country, posted
GEOS = [
    (1, "Albania", "2018-01-01 00:00:00"),
    (2, "Albania", "2017-12-31 23:59:59"),
    (3, "Albania", "2018-06-01 00:00:00"),
    (4, "Albania", "2022-12-31 23:59:59.999999"),
    (5, "Albania", "2022-01-01 00:00:00"),
    (6, "Albania", "2022-01-01 00:00:00"),
    (7, "Zambia", "2019-01-01 00:00:00"),
    (8, "Zambia", None),
    (9, "\u00c5land Islands", "2023-01-01 00:00:00"),
    (10, None, "2019-01-01 00:00:00"),
    (99, "Chad", "2019-01-01 00:00:00"),
]
# ind, first, last, age, joined
USERS = [
    (1, "Mary Ann", "Smith", 18, "2015-01-01 00:00:00"),
    (2, "Mary", "Ann Smith", 24, "2015-01-01 00:00:00"),
    (3, "Mary Ann", "Smith", 18, "2015-01-01 00:00:00"),
    (4, "Mary Ann", "Smith", 25, "2020-12-31 23:59:59"),
    (5, "Bo", "Li", 35, "2020-06-01 00:00:00"),
    (6, "Bo", "Li", 36, "2014-12-31 23:59:59"),
    (7, "Bo", "Li", 50, "2021-01-01 00:00:00"),
    (8, "Cy", "Li", 51, "2021-01-01 00:00:00"),
    (9, "Cy", "Li", 17, "2016-01-01 00:00:00"),
    (10, "Cy", None, None, "2016-01-01 00:00:00"),
    (97, "Mary Ann", "Smith", 60, "2017-01-01 00:00:00"),
    (98, "Mary", "Ann Smith", 60, "2017-01-01 00:00:00"),
]
YOUNG, ADULT, MIDDLE, OLD = "18-24", "25-35", "36-50", "+50"
EXPECTED: dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]] = {
    "1": (
        ("country", "category", "category_count"),
        [
            ("Albania", "art", 2),
            ("Albania", "beauty", 2),
            ("Zambia", "travel", 2),
            ("\u00c5land Islands", "Zen", 1),
        ],
    ),
    "2": (
        ("post_year", "category", "category_count"),
        [
            (2018, "art", 1),
            (2018, "beauty", 1),
            (2019, "Zen", 1),
            (2019, "travel", 1),
            (2022, "beauty", 1),
            (2022, "\u00e9ducation", 1),
        ],
    ),
    "2_top": (
        ("post_year", "category", "category_count"),
        [
            (2018, "art", 1),
            (2018, "beauty", 1),
            (2019, "Zen", 1),
            (2019, "travel", 1),
            (2022, "beauty", 1),
            (2022, "\u00e9ducation", 1),
        ],
    ),
    "3a": (
        ("country", "poster_name", "follower_count"),
        [("Albania", "Bob", 20), ("Zambia", "Eve", 500), ("\u00c5land Islands", "Fay", 1)],
    ),
    "3b": (("country", "follower_count"), [("Zambia", 500)]),
    "4": (
        ("age_group", "category", "category_count"),
        [
            (YOUNG, "art", 2),
            (ADULT, "beauty", 1),
            (ADULT, "\u00e9ducation", 1),
            (MIDDLE, "travel", 1),
            (OLD, "travel", 1),
        ],
    ),
    "5": (
        ("age_group", "median_follower_count"),
        [(YOUNG, 20), (ADULT, 900), (MIDDLE, 253.5), (OLD, 500)],
    ),
    # Of ind 1 and 3 one user, of 97 and 98, who never posted, two; 9 is below 18 and counts; 10 has half a name.
    "6": (("post_year", "number_users_joined"), [(2015, 2), (2016, 1), (2017, 2), (2020, 2)]),
    "7": (("post_year", "median_follower_count"), [(2015, 20), (2016, 250.5), (2020, 900)]),
    "8": (
        ("age_group", "post_year", "median_follower_count"),
        [(YOUNG, 2015, 20), (ADULT, 2020, 900), (MIDDLE, 2014, 7), (MIDDLE, 2021, 500), (OLD, 2021, 500)],
    ),
}


def table(spark: SparkSession, schema: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> DataFrame:
    """A cleaned frame with some of its columns given and the others null."""
    types = {field.name: field.dataType for field in schema_of(schema)}
    texts = [tuple(None if value is None else str(value) for value in row) for row in rows]
    frame = spark.createDataFrame(texts, schema_of(", ".join(f"{column} string" for column in columns)))
    return frame.select(
        *(
            (F.col(name) if name in columns else F.lit(None)).cast(of_type).alias(name)
            for name, of_type in types.items()
        )
    )


def as_it_is(rows: DataFrame) -> DataFrame:
    """In the place of keeping rows in memory."""
    return rows


@pytest.fixture(scope="module")
def facts(spark: SparkSession) -> Facts:
    """Of the posts above."""
    tables = Tables(
        pin=table(spark, CLEANED_SCHEMAS["pin"], ("ind", "category", "poster_name", "follower_count"), PINS),
        geo=table(spark, CLEANED_SCHEMAS["geo"], ("ind", "country", "timestamp"), GEOS),
        user=table(
            spark,
            CLEANED_SCHEMAS["user"],
            ("ind", "user_name", "age", "date_joined"),
            [(ind, f"{first} {last}", age, joined) for ind, first, last, age, joined in USERS],
        ),
        identities=table(spark, IDENTITIES_SCHEMA, ("ind", *IDENTITY), USERS),
    )
    return count(tables, as_it_is)


def expected_answer(name: str) -> Answer:
    """The expected rows with their columns' names."""
    columns, rows = EXPECTED[name]
    return [dict(zip(columns, row, strict=True)) for row in rows]  # type: ignore[arg-type]


def test_every_query_has_an_answer_to_compare_with() -> None:
    assert list(EXPECTED) == list(QUERIES)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_answer(spark: SparkSession, facts: Facts, name: str) -> None:
    result = QUERIES[name](facts)
    rows = answer(result)
    assert rows == expected_answer(name)
    assert [list(row) for row in rows] == [list(EXPECTED[name][0])] * len(rows)
    # The table has the same rows in the same order, numbers as numbers.
    frame = as_frame(spark, rows, result)
    assert frame.schema == result.schema
    assert [row.asDict() for row in frame.collect()] == expected_answer(name)


def test_whole_medians_are_written_without_a_fraction() -> None:
    text = document({"5": expected_answer("5"), "3b": expected_answer("3b")})
    assert json.loads(text) == {"5": expected_answer("5"), "3b": expected_answer("3b")}
    assert '"median_follower_count": 20\n' in text
    assert '"median_follower_count": 253.5\n' in text


def test_without_posts_every_answer_is_empty(spark: SparkSession) -> None:
    schemas = {**CLEANED_SCHEMAS, "identities": IDENTITIES_SCHEMA}
    tables = {name: spark.createDataFrame([], schema_of(schema)) for name, schema in schemas.items()}
    empty = count(Tables(**tables), as_it_is)
    assert {name: answer(query(empty)) for name, query in QUERIES.items()} == {name: [] for name in QUERIES}
