"""A Spark data source named `kinesis`, for Spark off Databricks, whose own source of that name is not open.

It has the options and the columns of Databricks' source, so that a notebook reads a stream with it unchanged:

    spark.dataSource.register(KinesisDataSource)
    spark.readStream.format("kinesis").option("streamName", "posts").option("region", "us-east-1").load()

Where Kinesis is and who reads it may stand in the environment, as all of AWS's SDKs have it:
`AWS_ENDPOINT_URL_KINESIS`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`.
"""

from kinesis_source.source import KinesisDataSource

__all__ = ["KinesisDataSource"]
