"""What a Delta table got between two of its versions."""

from dataclasses import dataclass

from delta.tables import DeltaTable
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

NOT_IN_FEED = "DELTA_MISSING_CHANGE_DATA"
"""How Delta calls it that a table had no change data feed at a version."""


@dataclass(frozen=True)
class Version:
    """One state of one table."""

    table: str
    """The id that Delta gave the table: another one at the same path has another."""
    number: int


def newest(spark: SparkSession, path: str) -> Version:
    """The table's version of now."""
    table = DeltaTable.forPath(spark, path)
    return Version(
        table=str(table.detail().select("id").collect()[0]["id"]),
        number=int(table.history(1).select("version").collect()[0]["version"]),
    )


def rows_at(spark: SparkSession, path: str, version: Version) -> DataFrame:
    """The rows that the table had at the version."""
    return spark.read.format("delta").option("versionAsOf", version.number).load(path)


def inserted(spark: SparkSession, path: str, since: Version, until: Version) -> DataFrame | None:
    """The rows that came after one version, up to another; Delta's change data feed tells them.

    None where they do not tell all that happened: rows were changed or taken away, it is another table, or Delta's log
    or the feed does not go back so far.

    Args:
        spark: the session.
        path: of a table with the properties `tables.KEYED`, though it may have got them after the earlier version.
        since: the earlier version.
        until: the later one.
    """
    commits = until.number - since.number
    if since.table != until.table or commits < 0:
        return None
    if commits == 0:
        return rows_at(spark, path, until).limit(0)
    in_log = DeltaTable.forPath(spark, path).history(commits)
    if in_log.where(f"version > {since.number}").count() < commits:
        return None
    changes = (
        spark.read.format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", since.number + 1)
        .option("endingVersion", until.number)
        .load(path)
    )
    try:
        only_inserts = changes.where("_change_type <> 'insert'").isEmpty()
    except PySparkException as error:
        if NOT_IN_FEED in str(error):
            return None
        raise
    if not only_inserts:
        return None
    return changes.drop("_change_type", "_commit_version", "_commit_timestamp")
