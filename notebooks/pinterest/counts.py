"""What became of every row that was read: cleaned, a duplicate, or quarantined, and never anything else."""

from dataclasses import asdict, dataclass
from datetime import datetime, timezone

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from pinterest.layout import Layout
from pinterest.tables import Write

COUNTS_SCHEMA = (
    "stream string, batch bigint, read bigint, cleaned bigint, duplicates bigint, quarantined bigint, "
    "counted_at timestamp"
)


@dataclass(frozen=True)
class Counts:
    """Numbers of rows; `read` is the sum of the others."""

    read: int
    cleaned: int
    duplicates: int
    quarantined: int


def as_row(spark: SparkSession, write: Write, counts: Counts) -> DataFrame:
    """The row of the counts table for one batch."""
    numbers = {"batch": write.batch, **asdict(counts)}
    return spark.range(1).select(
        F.lit(write.stream).alias("stream"),
        *(F.lit(number).cast("bigint").alias(name) for name, number in numbers.items()),
        F.current_timestamp().alias("counted_at"),
    )


@dataclass(frozen=True)
class Batches:
    """Which batches a run answers for."""

    stream: str | None = None
    """Id of the run's stream; none if there was nothing to read."""
    first: int | None = None
    """The first batch that the run finished; none if it finished none."""
    since: datetime | None = None
    """The moment from which on batches are the run's whoever counted them, an attempt that then failed, say."""

    @property
    def chosen(self) -> Column:
        """Whether a row of the counts table is of one of them."""
        own = (F.col("stream") == F.lit(self.stream)) & (F.col("batch") >= F.lit(self.first))
        return own if self.since is None else own | (F.col("counted_at") >= F.lit(self.since))


def read_moment(text: str) -> datetime | None:
    """The moment that ISO text says, in UTC where it names no zone; none where it is empty."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Report:
    """What one run of the clean notebook did, and what all runs did together."""

    kind: str
    run: Counts
    total: Counts

    def as_document(self) -> dict[str, object]:
        """The notebook's exit value, for JSON."""
        return {"kind": self.kind, **asdict(self.run), "total": asdict(self.total)}


def report(spark: SparkSession, kind: str, layout: Layout, batches: Batches) -> Report:
    """Adds up the counts of the batches.

    The totals of cleaned and quarantined rows are those that stand in the tables, not those that were counted when they
    were written: whether the sum holds is then a check of the tables, not of this arithmetic.

    Args:
        spark: the session.
        kind: `pin`, `geo` or `user`.
        layout: where the tables are.
        batches: this run's.
    """
    counted = spark.read.format("delta").load(layout.counts(kind))

    def total(column: Column) -> Column:
        return F.coalesce(F.sum(column), F.lit(0))

    numbers = counted.agg(
        total(F.col("read")),
        total(F.col("duplicates")),
        *(total(F.when(batches.chosen, F.col(column))) for column in ("read", "cleaned", "duplicates", "quarantined")),
    ).collect()[0]
    return Report(
        kind,
        run=Counts(*numbers[2:]),
        total=Counts(
            read=numbers[0],
            cleaned=spark.read.format("delta").load(layout.cleaned(kind)).count(),
            duplicates=numbers[1],
            quarantined=spark.read.format("delta").load(layout.quarantine(kind)).count(),
        ),
    )
