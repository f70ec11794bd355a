"""From the columns of the source tables to the cleaned frames, the same for batch and stream.

Blank text counts as missing in every text column; markers only in theirs, and only when they are the whole text.
Text is otherwise kept as it came. Datetimes become timestamps of the session's zone, which is UTC (see `session`).
"""

from collections.abc import Callable, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pinterest.schema import KEY, Kind
from pinterest.values import follower_count, local_path, present, wall_clock

CLEANED_SCHEMAS: Mapping[str, str] = {
    "pin": (
        "ind int, unique_id string, title string, description string, follower_count int, poster_name string, "
        "tag_list string, is_image_or_video string, image_src string, save_location string, category string"
    ),
    "geo": "ind int, country string, coordinates array<double>, timestamp timestamp",
    "user": "ind int, user_name string, age int, date_joined timestamp",
}
"""Columns of the cleaned frames, in order."""

IDENTITIES_SCHEMA = "ind int, first_name string, last_name string, age int, date_joined timestamp"


def clean(kind: Kind, rows: DataFrame) -> DataFrame:
    """The cleaned frame of rows with the source's columns, as `CLEANED_SCHEMAS` has it."""
    return rows.select(*CLEANERS[kind.name](kind))


def identities(kind: Kind, users: DataFrame) -> DataFrame:
    """What tells users apart, by post, with first and last name by themselves.

    As one text, "Mary Ann" "Smith" and "Mary" "Ann Smith" would be one user.
    """
    return users.select(
        F.col(kind.key).alias(KEY),
        _text(kind, "first_name"),
        _text(kind, "last_name"),
        F.col("age"),
        wall_clock(F.col("date_joined")).alias("date_joined"),
    )


def _clean_pin(kind: Kind) -> list[Column]:
    return [
        F.col(kind.key).alias(KEY),
        _text(kind, "unique_id"),
        _text(kind, "title"),
        _text(kind, "description"),
        follower_count(_text(kind, "follower_count")).alias("follower_count"),
        _text(kind, "poster_name"),
        _text(kind, "tag_list"),
        _text(kind, "is_image_or_video"),
        _text(kind, "image_src"),
        present(local_path(_text(kind, "save_location"))).alias("save_location"),
        _text(kind, "category"),
    ]


def _clean_geo(kind: Kind) -> list[Column]:
    return [
        F.col(kind.key).alias(KEY),
        _text(kind, "country"),
        F.array("latitude", "longitude").alias("coordinates"),
        wall_clock(F.col("timestamp")).alias("timestamp"),
    ]


def _clean_user(kind: Kind) -> list[Column]:
    # Unlike concat_ws, concat is null where either name is: half a name is no user's name.
    user_name = F.concat(_text(kind, "first_name"), F.lit(" "), _text(kind, "last_name"))
    return [
        F.col(kind.key).alias(KEY),
        user_name.alias("user_name"),
        F.col("age"),
        wall_clock(F.col("date_joined")).alias("date_joined"),
    ]


def _text(kind: Kind, column: str) -> Column:
    return present(F.col(column), kind.missing(column)).alias(column)


CLEANERS: Mapping[str, Callable[[Kind], list[Column]]] = {"pin": _clean_pin, "geo": _clean_geo, "user": _clean_user}
