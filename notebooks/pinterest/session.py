"""Settings that the results depend on, whatever the cluster's own are."""

from pyspark.sql import SparkSession


def prepare(spark: SparkSession) -> None:
    """Makes datetimes wall-clock times without a zone: read, kept and asked for their year in UTC.

    MySQL's datetimes begin in the year 1000, and Spark 3 refuses to write those before 1900 unless told that they are
    of the calendar in use.
    """
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED")
    # A run's report asks the stream which batches it finished; by default only the last hundred are remembered.
    spark.conf.set("spark.sql.streaming.numRecentProgressUpdates", "100000")
