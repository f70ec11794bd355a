"""Cleaning by batches: new rows in, cleaned and quarantined rows out, each exactly once.

Of several rows of one post the first stays: the first batch's, and within a batch the first by object (whose names
end with the offset in Kafka) and by place in it. A batch that fails half-way is done again with the same rows; each
of its steps then either has been done, which Delta knows, or changes nothing. No state is kept of the posts that came:
the table itself tells.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.streaming.query import StreamingQuery

from pinterest.cleaning import CLEANED_SCHEMAS, IDENTITIES_SCHEMA, clean, identities
from pinterest.counts import COUNTS_SCHEMA, Batches, Counts, Report, as_row, report
from pinterest.key_order import of_hash_map
from pinterest.layout import Layout
from pinterest.parsing import parse
from pinterest.schema import Kind, columns
from pinterest.source import folder_exists, new_lines
from pinterest.tables import KEYED, Write, append_once, ensure_table, insert_new, not_in_table


@dataclass(frozen=True)
class Origin:
    """What is known of each row beside its text."""

    place: tuple[str, ...]
    """Columns that tell which of two rows came first."""
    traces: str
    """Columns that the quarantine keeps, as DDL."""
    key_order: Callable[[Sequence[str]], Sequence[str]]
    """In which order a row's text has the columns as a rule, from their order in the schema."""

    @property
    def quarantine_schema(self) -> str:
        """Columns of the quarantine table."""
        return f"value string, reason string, {self.traces}, quarantined_at timestamp"


OBJECTS = Origin(
    place=("source_file", "source_block", "line"),
    traces="source_file string",
    key_order=of_hash_map,
)
"""Of the lines of the sink's objects."""

Committed = Callable[[DataFrame, int, int], None]
"""Takes the first row of each post of a batch, with its place, and the smallest and the largest key among them."""


@dataclass(frozen=True)
class Cleaning:
    """What is cleaned, and where to."""

    kind: Kind
    layout: Layout
    origin: Origin
    committed: Committed | None = None
    """Called when a batch's cleaned rows stand in their table; for a batch that is done again, once more."""


def clean_new_objects(
    spark: SparkSession,
    kind: Kind,
    layout: Layout,
    list_folder: Callable[[str], object],
    since: datetime | None = None,
) -> Report:
    """Cleans what came since the last run; a folder that is not there yet brings nothing.

    Args:
        spark: the session, prepared (see `session`).
        kind: what the objects hold.
        layout: where everything is.
        list_folder: `dbutils.fs.ls`.
        since: see `Batches`.
    """
    ensure_tables(spark, kind, layout)
    if not folder_exists(list_folder, layout.source(kind.name)):
        return report(spark, kind.name, layout, Batches(since=since))
    checkpoint = layout.checkpoint(kind.name)

    def write(lines: DataFrame, batch: int) -> None:
        write_batch(lines, Write(stream_of(lines.sparkSession, checkpoint), batch), kind, layout)

    query = (
        new_lines(spark, layout.source(kind.name))
        .writeStream.foreachBatch(write)
        .option("checkpointLocation", checkpoint)
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    return report(spark, kind.name, layout, Batches(str(query.id), first_batch(query), since))


def ensure_tables(spark: SparkSession, kind: Kind, layout: Layout, origin: Origin = OBJECTS) -> None:
    """Makes the kind's tables, so that a kind without any row has them too."""
    ensure_table(spark, layout.cleaned(kind.name), CLEANED_SCHEMAS[kind.name], KEYED)
    ensure_table(spark, layout.quarantine(kind.name), origin.quarantine_schema)
    ensure_table(spark, layout.counts(kind.name), COUNTS_SCHEMA)
    if kind.name == "user":
        ensure_table(spark, layout.identities(), IDENTITIES_SCHEMA, KEYED)


def write_batch(lines: DataFrame, write: Write, kind: Kind, layout: Layout) -> None:
    """Puts each line of one batch of objects where it belongs.

    Args:
        lines: columns `value`, `source_file`, `source_block`.
        write: names the batch.
        kind: what the lines hold.
        layout: where everything goes.
    """
    # Within a task rows are numbered as they are read, so file, block and number give the order of the lines.
    write_rows(lines.withColumn("line", F.monotonically_increasing_id()), write, Cleaning(kind, layout, OBJECTS))


def write_rows(rows: DataFrame, write: Write, cleaning: Cleaning) -> None:
    """Puts each row of one batch where it belongs.

    Args:
        rows: column `value` and those of the origin.
        write: names the batch.
        cleaning: what becomes of them.
    """
    kind, origin = cleaning.kind, cleaning.origin
    # Of a row that can be used nobody asks for the text again, which would be half of what is kept.
    refused = F.when(F.col("fault").isNotNull(), F.col("value"))
    key_order = origin.key_order([column.name for column in kind.columns])
    parsed = parse(rows, kind, key_order).withColumn("value", refused).persist()
    try:
        _write_parsed(parsed, write, cleaning)
    finally:
        parsed.unpersist()


def _write_parsed(parsed: DataFrame, write: Write, cleaning: Cleaning) -> None:
    kind, layout, origin = cleaning.kind, cleaning.layout, cleaning.origin
    usable = F.col("fault").isNull()
    key = F.when(usable, F.col(f"row.{kind.key}"))
    read, quarantined, keys, lowest, highest = parsed.agg(
        F.count("*"), F.count("fault"), F.count_distinct(key), F.min(key), F.max(key)
    ).collect()[0]
    usable_rows = parsed.where(usable).select("row", *origin.place)
    # Where each post comes once, as is usual, there is no first to be found, for which all rows would be sorted.
    firsts = usable_rows if keys == read - quarantined else _first_of_each(usable_rows, kind, origin)
    firsts = firsts.select("row.*", *origin.place)
    cleaned = clean(kind, firsts)
    inserted = 0 if lowest is None else not_in_table(cleaned, layout.cleaned(kind.name), lowest, highest).count()

    # Counted before the table has the rows, and once: a batch done again would find its own rows there.
    counts = Counts(read, inserted, read - quarantined - inserted, quarantined)
    append_once(as_row(parsed.sparkSession, write, counts), layout.counts(kind.name), write)
    if quarantined:
        refused = parsed.where(~usable).select(
            "value",
            F.col("fault").alias("reason"),
            *columns(origin.traces).names,
            F.current_timestamp().alias("quarantined_at"),
        )
        append_once(refused, layout.quarantine(kind.name), write)
    if inserted:
        if kind.name == "user":
            insert_new(identities(kind, firsts), layout.identities(), lowest, highest)
        insert_new(cleaned, layout.cleaned(kind.name), lowest, highest)
    if cleaning.committed is not None and lowest is not None:
        cleaning.committed(firsts, lowest, highest)


def _first_of_each(rows: DataFrame, kind: Kind, origin: Origin) -> DataFrame:
    """Of the rows of each post the first, by its place."""
    first = F.min_by(F.struct("row", *origin.place), F.struct(*origin.place)).alias("first")
    return rows.groupBy(F.col(f"row.{kind.key}").alias("key")).agg(first).select("first.*")


def stream_of(spark: SparkSession, checkpoint: str) -> str:
    """The id that Spark gave the stream with its checkpoint; a new checkpoint begins at batch 0 with a new id."""
    metadata = spark.read.schema("value string").text(f"{checkpoint}/metadata").first()
    if metadata is None:
        raise RuntimeError(f"the checkpoint {checkpoint} has no stream's id")
    return str(json.loads(metadata["value"])["id"])


def first_batch(query: StreamingQuery) -> int | None:
    """The first batch that the ended query finished."""
    return min((int(progress["batchId"]) for progress in query.recentProgress), default=None)
