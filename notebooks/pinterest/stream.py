"""The stream pipeline: each kind's records from Kinesis, cleaned as in batch, into a Delta table while they arrive.

One query a kind, with a checkpoint of its own. A post that comes twice, in one batch or years apart, is found by its
key in the table: the query keeps no state that grows.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.streaming.readwriter import DataStreamWriter

from pinterest.counts import Batches, report
from pinterest.ingest import Cleaning, Origin, ensure_tables, first_batch, stream_of, write_rows
from pinterest.latency import ARRIVALS_SCHEMA, note_commit, percentiles
from pinterest.layout import Layout
from pinterest.saved_tables import save_as
from pinterest.schema import Kind
from pinterest.tables import Write, ensure_table

AVAILABLE_NOW = "availableNow"

RECORDS = Origin(
    place=("arrived_at", "sequence"),
    traces="data binary, shard_id string, sequence_number string, arrived_at timestamp",
    key_order=list,
)
"""Of a stream's records."""

LONGEST_SEQUENCE_NUMBER = 129
"""Digits. Numbers of one shard grow with time."""


class TriggerError(Exception):
    """A trigger that is neither a number of seconds nor `availableNow`."""


@dataclass(frozen=True)
class Source:
    """The stream of one kind."""

    stream: str
    region: str


def read_new(spark: SparkSession, source: Source) -> DataFrame:
    """The records of a stream from the oldest on.

    Returns:
        Column `value`, their text, null where it is no UTF-8, and those of `RECORDS`.
    """
    return (
        spark.readStream.format("kinesis")
        .option("streamName", source.stream)
        .option("region", source.region)
        .option("initialPosition", "trim_horizon")
        .load()
        .select(
            F.expr("try_validate_utf8(cast(data AS string))").alias("value"),
            "data",
            F.col("shardId").alias("shard_id"),
            F.col("sequenceNumber").alias("sequence_number"),
            F.lpad("sequenceNumber", LONGEST_SEQUENCE_NUMBER, "0").alias("sequence"),
            F.col("approximateArrivalTimestamp").alias("arrived_at"),
        )
    )


def start(spark: SparkSession, kind: Kind, layout: Layout, source: Source, trigger: str) -> StreamingQuery:
    """Starts the query of one kind, with its tables made and the cleaned one named `<id>_<kind>_table` (see `save_as`).

    It has its source when this returns, or has failed.

    Args:
        spark: the session, prepared (see `session`).
        kind: what the records hold.
        layout: where everything is.
        source: what is read.
        trigger: seconds from one batch's beginning to the next one's, or `availableNow` for all that is there, and an
            end.

    Raises:
        TriggerError: if the trigger is neither.
        NameTakenError: if the name stands for a table elsewhere.
    """
    ensure_tables(spark, kind, layout, RECORDS)
    ensure_table(spark, layout.arrivals(kind.name), ARRIVALS_SCHEMA)
    save_as(spark, f"{layout.user_id}_{kind.name}_table", layout.cleaned(kind.name))
    checkpoint = layout.checkpoint(kind.name)

    def write(records: DataFrame, batch: int) -> None:
        write_records(records, Write(stream_of(records.sparkSession, checkpoint), batch), kind, layout)

    writer = (
        read_new(spark, source)
        .writeStream.queryName(f"{layout.user_id}_{kind.name}")
        .foreachBatch(write)
        .option("checkpointLocation", checkpoint)
    )
    return with_source(triggered(writer, trigger).start())


def with_source(query: StreamingQuery) -> StreamingQuery:
    """Waits until a query that was started has its source, or has failed.

    Spark gives the process of a source in Python ten seconds to answer. Started all at once, those of several queries
    share a busy machine's cores, and take longer.
    """
    while query.isActive and query.status["message"].startswith("Initializing"):
        time.sleep(0.05)
    return query


def write_records(records: DataFrame, write: Write, kind: Kind, layout: Layout) -> None:
    """Puts each record of one batch where it belongs.

    Args:
        records: columns as `read_new` has them.
        write: names the batch.
        kind: what the records hold.
        layout: where everything goes.
    """

    def committed(firsts: DataFrame, lowest: int, highest: int) -> None:
        note_commit(firsts, kind, layout, (lowest, highest))

    write_rows(records, write, Cleaning(kind, layout, RECORDS, committed))


def triggered(writer: DataStreamWriter, trigger: str) -> DataStreamWriter:
    """Sets when batches begin; the same trigger as that of `start`.

    Raises:
        TriggerError: if it is none.
    """
    if trigger == AVAILABLE_NOW:
        return writer.trigger(availableNow=True)
    if not trigger.isdecimal() or int(trigger) == 0:
        raise TriggerError(f"the trigger must be a number of seconds or {AVAILABLE_NOW}, and is '{trigger}'")
    return writer.trigger(processingTime=f"{trigger} seconds")


def wait(spark: SparkSession, queries: Iterable[StreamingQuery]) -> None:
    """Waits until all queries have ended; a query that fails ends the others.

    Raises:
        StreamingQueryException: of the first query that failed.
    """
    started = list(queries)
    try:
        while any(query.isActive for query in started):
            spark.streams.awaitAnyTermination()
            spark.streams.resetTerminated()
        for query in started:
            # It has ended; this raises what it ended with.
            query.awaitTermination()
    finally:
        for query in started:
            query.stop()


def result(spark: SparkSession, queries: Mapping[str, StreamingQuery], layout: Layout) -> dict[str, dict[str, object]]:
    """The counts and the latency of each kind, for JSON.

    Args:
        spark: the session.
        queries: the ended query of each kind.
        layout: where the tables are.
    """
    return {
        kind: {
            **report(spark, kind, layout, Batches(str(query.id), first_batch(query))).as_document(),
            "latencyMs": percentiles(spark, kind, layout),
        }
        for kind, query in queries.items()
    }
