"""The batch pipeline's cleaning: new objects in, cleaned and quarantined rows out, each exactly once.

Of several rows of one post the first stays: the first batch's, and within a batch the first by object (whose names
end with the offset in Kafka) and by place in it. A batch that fails half-way is done again with the same objects; each
of its steps then either has been done, which Delta knows, or changes nothing.
"""

import json
from collections.abc import Callable

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery

from pinterest.cleaning import CLEANED_SCHEMAS, NAMES_SCHEMA, clean, names_of_users
from pinterest.counts import COUNTS_SCHEMA, Counts, Report, as_row, report
from pinterest.layout import Layout
from pinterest.parsing import parse
from pinterest.schema import Kind
from pinterest.source import folder_exists, new_lines
from pinterest.tables import Write, append_once, ensure_table, insert_new, not_in_table

QUARANTINE_SCHEMA = "value string, reason string, source_file string, quarantined_at timestamp"


def clean_new_objects(spark: SparkSession, kind: Kind, layout: Layout, list_folder: Callable[[str], object]) -> Report:
    """Cleans what came since the last run; a folder that is not there yet brings nothing.

    Args:
        spark: the session, prepared (see `session`).
        kind: what the objects hold.
        layout: where everything is.
        list_folder: `dbutils.fs.ls`.
    """
    ensure_tables(spark, kind, layout)
    if not folder_exists(list_folder, layout.source(kind.name)):
        return report(spark, kind.name, layout, stream=None, first_batch=None)
    checkpoint = layout.checkpoint(kind.name)

    def write(lines: DataFrame, batch: int) -> None:
        write_batch(lines, Write(_stream_of(lines.sparkSession, checkpoint), batch), kind, layout)

    query = (
        new_lines(spark, layout.source(kind.name))
        .writeStream.foreachBatch(write)
        .option("checkpointLocation", checkpoint)
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    return report(spark, kind.name, layout, str(query.id), _first_batch(query))


def ensure_tables(spark: SparkSession, kind: Kind, layout: Layout) -> None:
    """Makes the kind's tables, so that a kind without any row has them too."""
    ensure_table(spark, layout.cleaned(kind.name), CLEANED_SCHEMAS[kind.name])
    ensure_table(spark, layout.quarantine(kind.name), QUARANTINE_SCHEMA)
    ensure_table(spark, layout.counts(kind.name), COUNTS_SCHEMA)
    if kind.name == "user":
        ensure_table(spark, layout.names(), NAMES_SCHEMA)


def write_batch(lines: DataFrame, write: Write, kind: Kind, layout: Layout) -> None:
    """Puts each line of one batch where it belongs.

    Args:
        lines: columns `value`, `source_file`, `source_block`.
        write: names the batch.
        kind: what the lines hold.
        layout: where everything goes.
    """
    # Within a task rows are numbered as they are read, so file, block and number give the order of the lines.
    numbered = lines.withColumn("line", F.monotonically_increasing_id())
    parsed = parse(numbered, kind).persist()
    try:
        _write_parsed(parsed, write, kind, layout)
    finally:
        parsed.unpersist()


def _write_parsed(parsed: DataFrame, write: Write, kind: Kind, layout: Layout) -> None:
    usable = F.col("fault").isNull()
    key = F.when(usable, F.col(f"row.{kind.key}"))
    read, quarantined, lowest, highest = parsed.agg(F.count("*"), F.count("fault"), F.min(key), F.max(key)).collect()[0]
    place = F.struct("source_file", "source_block", "line")
    firsts = parsed.where(usable).groupBy(key.alias("key")).agg(F.min_by("row", place).alias("row")).select("row.*")
    cleaned = clean(kind, firsts)
    inserted = 0 if lowest is None else not_in_table(cleaned, layout.cleaned(kind.name), lowest, highest).count()

    # Counted before the table has the rows, and once: a batch done again would find its own rows there.
    counts = Counts(read, inserted, read - quarantined - inserted, quarantined)
    append_once(as_row(parsed.sparkSession, write, counts), layout.counts(kind.name), write)
    if quarantined:
        refused = parsed.where(~usable).select(
            "value", F.col("fault").alias("reason"), "source_file", F.current_timestamp().alias("quarantined_at")
        )
        append_once(refused, layout.quarantine(kind.name), write)
    if inserted:
        if kind.name == "user":
            insert_new(names_of_users(kind, firsts), layout.names(), lowest, highest)
        insert_new(cleaned, layout.cleaned(kind.name), lowest, highest)


def _stream_of(spark: SparkSession, checkpoint: str) -> str:
    """The id that Spark gave the stream with its checkpoint; a new checkpoint begins at batch 0 with a new id."""
    metadata = spark.read.schema("value string").text(f"{checkpoint}/metadata").first()
    if metadata is None:
        raise RuntimeError(f"the checkpoint {checkpoint} has no stream's id")
    return str(json.loads(metadata["value"])["id"])


def _first_batch(query: StreamingQuery) -> int | None:
    """The first batch that the ended query finished."""
    return min((int(progress["batchId"]) for progress in query.recentProgress), default=None)
