"""The answers of the queries: in a fixed order, as Delta tables and as one JSON document."""

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from pinterest.facts import AGE_GROUPS

Value = str | int | float
Answer = Sequence[Mapping[str, Value]]

AGE_ORDER = {name: place for place, name in enumerate(AGE_GROUPS)}


def answer(result: DataFrame) -> Answer:
    """The rows of a query's result, sorted by their columns from the left.

    Text is sorted by code point, as in every locale; age groups from the youngest. A whole median is an integer.
    """
    rows = [{name: _plain(value) for name, value in row.asDict().items()} for row in result.collect()]
    return sorted(rows, key=lambda row: [_place(name, value) for name, value in row.items()])


def as_frame(spark: SparkSession, rows: Answer, result: DataFrame) -> DataFrame:
    """The sorted rows as a frame with the result's schema, without computing the result again."""
    schema = result.schema
    # From an Arrow table Spark makes a frame by itself; from a list it would start Python processes.
    table = pa.Table.from_pylist([dict(row) for row in rows], to_arrow_schema(schema))
    return spark.createDataFrame(table, schema)


def write_table(rows: DataFrame, path: str) -> None:
    """Puts the rows in the place of what the table held before, in one file, which keeps their order."""
    rows.coalesce(1).write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(path)


def document(answers: Mapping[str, Answer]) -> str:
    """All answers as one JSON document, by the names of the queries."""
    return json.dumps(answers, ensure_ascii=False, indent=2) + "\n"


def _place(name: str, value: Value) -> Value:
    """What a value is sorted by."""
    return AGE_ORDER[str(value)] if name == "age_group" else value


def _plain(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() else value
