"""Delta tables at paths: made once, written so that doing it again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pinterest.schema import KEY, columns


class MissingTableError(Exception):
    """A table that an earlier step should have made."""


@dataclass(frozen=True)
class Write:
    """Names one write for ever, so that Delta skips it when a batch that failed half-way is done again."""

    stream: str
    batch: int


KEYED: Mapping[str, str] = {
    # What was inserted since some version is asked (see `versions`).
    "delta.enableChangeDataFeed": "true",
    # Files are passed over by their keys only: all columns' least and largest values would cost a fifth of a merge.
    "delta.dataSkippingStatsColumns": KEY,
}
"""Properties of a table with one row a post."""


def ensure_table(spark: SparkSession, path: str, schema: str, properties: Mapping[str, str] | None = None) -> None:
    """Makes the table, empty, unless it is there; one that is there gets the properties that it does not have.

    Args:
        spark: the session.
        path: where.
        schema: columns, as DDL.
        properties: of Delta, e.g. `KEYED`. Default: none.
    """
    properties = properties or {}
    if DeltaTable.isDeltaTable(spark, path):
        _set_missing(spark, path, properties)
        return
    table = DeltaTable.createIfNotExists(spark).location(path).addColumns(columns(schema))
    for name, value in properties.items():
        table = table.property(name, value)
    table.execute()


def _set_missing(spark: SparkSession, path: str, properties: Mapping[str, str]) -> None:
    if not properties:
        return
    table = f"delta.`{path}`"
    # Told from the log: DeltaTable.detail would have Spark count the table's files too.
    present = {row["key"] for row in spark.sql(f"SHOW TBLPROPERTIES {table}").collect()}
    missing = ", ".join(f"'{name}' = '{value}'" for name, value in properties.items() if name not in present)
    if missing:
        spark.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ({missing})")


def require_table(spark: SparkSession, path: str, made_by: str) -> None:
    """Makes sure that there is a table at the path.

    Raises:
        MissingTableError: if there is none; it names `made_by`, the step to run first.
    """
    if not DeltaTable.isDeltaTable(spark, path):
        raise MissingTableError(f"there is no table at {path}: run {made_by} first")


def append_once(rows: DataFrame, path: str, write: Write) -> None:
    """Appends the rows, unless the same write did so before."""
    (
        rows.write.format("delta")
        .mode("append")
        .option("txnAppId", write.stream)
        .option("txnVersion", write.batch)
        .save(path)
    )


def between_keys(lowest: int, highest: int) -> str:
    """The condition that lets Delta pass over files without any key of a batch, by the statistics it keeps of each."""
    return f"present.{KEY} BETWEEN {lowest} AND {highest}"


def insert_new(rows: DataFrame, path: str, lowest: int, highest: int) -> None:
    """Inserts the rows whose key the table does not have; a key that it has keeps its row.

    Args:
        rows: at most one of each key.
        path: the table's.
        lowest: the smallest key among the rows.
        highest: the largest.
    """
    (
        DeltaTable.forPath(rows.sparkSession, path)
        .alias("present")
        .merge(rows.alias("arrived"), f"present.{KEY} = arrived.{KEY} AND {between_keys(lowest, highest)}")
        .whenNotMatchedInsertAll()
        .execute()
    )


def not_in_table(rows: DataFrame, path: str, lowest: int, highest: int) -> DataFrame:
    """The rows whose key the table does not have, by the same arguments as `insert_new`."""
    present = rows.sparkSession.read.format("delta").load(path).alias("present").where(between_keys(lowest, highest))
    return rows.join(present.select(F.col(KEY)), KEY, "left_anti")


def digest(rows: DataFrame) -> str:
    """A number by which to tell whether two tables have the same rows, whatever their order."""
    # A hash passes over nulls: so where they are is hashed too, and an array as text, which shows its own.
    values = [F.col(column).cast("string") for column in rows.columns]
    row = F.xxhash64(*values, *(value.isNull() for value in values)).cast("decimal(38,0)").alias("hash")
    found = rows.select(row).agg(F.sum("hash")).collect()[0][0]
    return str(found or 0)
