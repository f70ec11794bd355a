"""The data source, as Spark knows it."""

from pyspark.sql.datasource import DataSource
from pyspark.sql.types import StructType

from kinesis_source.options import read_options
from kinesis_source.reader import KinesisStreamReader

COLUMNS = (
    "partitionKey string, data binary, stream string, shardId string, sequenceNumber string, "
    "approximateArrivalTimestamp timestamp"
)


class KinesisDataSource(DataSource):
    """`spark.readStream.format("kinesis")`."""

    @classmethod
    def name(cls) -> str:
        """What `format` is given."""
        return "kinesis"

    def schema(self) -> str:
        """The columns, which nobody can choose."""
        return COLUMNS

    def streamReader(self, schema: StructType) -> KinesisStreamReader:
        """A reader for one query."""
        del schema
        return KinesisStreamReader(read_options(self.options))
