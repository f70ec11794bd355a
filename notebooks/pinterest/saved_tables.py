"""Tables at paths that have a name too, in the metastore."""

from pyspark.sql import SparkSession


class NameTakenError(Exception):
    """A name that stands for another table."""


def save_as(spark: SparkSession, name: str, path: str) -> None:
    """Gives the Delta table at the path a name, by which others find it; the data stays where it is.

    A table in a volume gets none, since Unity Catalog takes no files of a volume for a table's; its path is its name.

    Args:
        spark: the session.
        name: in the session's database; any characters but a dot.
        path: of a table that is there.

    Raises:
        NameTakenError: if the name stands for a table at another place.
    """
    if path.startswith("/Volumes/"):
        return
    quoted = _quoted(name)
    spark.sql(f"CREATE TABLE IF NOT EXISTS {quoted} USING delta LOCATION '{path}'")
    named, meant = (_location(spark, table) for table in (quoted, f"delta.{_quoted(path)}"))
    if named != meant:
        raise NameTakenError(f"the name {name} stands for the table at {named}, not for that at {meant}")


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _location(spark: SparkSession, table: str) -> str:
    return str(spark.sql(f"DESCRIBE DETAIL {table}").collect()[0]["location"]).rstrip("/")
