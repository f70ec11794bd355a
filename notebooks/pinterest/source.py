"""Reads the S3 sink's objects: those that were not read before, line by line."""

import os
from collections.abc import Callable

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


def folder_exists(list_folder: Callable[[str], object], folder: str) -> bool:
    """Whether there is such a folder; S3 has none before its first object.

    Args:
        list_folder: `dbutils.fs.ls`, or what stands for it.
        folder: a path under a mount point.
    """
    try:
        list_folder(folder)
    except Exception as error:
        # dbutils hands on the file system's Java exception, of one Python class or another, by its name.
        if isinstance(error, FileNotFoundError) or "FileNotFoundException" in str(error):
            return False
        raise
    return True


def new_lines(spark: SparkSession, folder: str) -> DataFrame:
    """A stream of the lines of objects in the folder and below it, each with where it stands.

    On Databricks, Auto Loader finds the new objects; elsewhere Spark's own file stream does.

    Returns:
        Columns `value`, `source_file` and `source_block`, where in the file the reading task began.
    """
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        reader = (
            spark.readStream.format("cloudFiles")
            .option("cloudFiles.format", "text")
            # After a crash the sink writes an object again, with more records perhaps, which by default nobody would
            # read. Those that were read before are duplicates then, as any that come twice.
            .option("cloudFiles.allowOverwrites", "true")
            # The folders' `partition=<n>` is the record's partition in Kafka, and no column of the post.
            .option("cloudFiles.partitionColumns", "")
        )
    else:
        reader = (
            spark.readStream.format("text")
            .option("recursiveFileLookup", "true")
            # By default objects a week older than the newest would be passed over in silence.
            .option("maxFileAge", "36500d")
        )
    return (
        reader.schema("value string")
        .option("lineSep", "\n")
        .load(folder)
        .select(
            "value",
            F.col("_metadata.file_path").alias("source_file"),
            F.col("_metadata.file_block_start").alias("source_block"),
        )
    )
