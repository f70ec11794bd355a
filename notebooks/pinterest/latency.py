"""How long a post takes from its acceptance by Kinesis until it stands in its table."""

from collections.abc import Mapping
from datetime import datetime, timezone

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pinterest.layout import Layout
from pinterest.schema import KEY, Kind
from pinterest.tables import insert_new

ARRIVALS_SCHEMA = "ind int, arrived_at timestamp, committed_at timestamp"

PERCENTILES = {"p50": 0.5, "p99": 0.99}


def note_commit(firsts: DataFrame, kind: Kind, layout: Layout, keys: tuple[int, int]) -> None:
    """Keeps when the rows arrived, and that they stand in their table now; what is kept of a post stays.

    A batch that ended between its commit and this is done again and comes here then: its rows' times are later than the
    commit, never earlier.

    Args:
        firsts: the rows, with the column `arrived_at`.
        kind: what they hold.
        layout: where the times are kept.
        keys: the smallest and the largest key.
    """
    now = F.lit(datetime.now(timezone.utc))
    times = firsts.select(F.col(kind.key).alias(KEY), "arrived_at", now.alias("committed_at"))
    insert_new(times, layout.arrivals(kind.name), *keys)


def percentiles(spark: SparkSession, kind: str, layout: Layout) -> Mapping[str, int | None]:
    """The median and the 99th percentile over all cleaned rows, in whole milliseconds; none without a row."""
    times = spark.read.format("delta").load(layout.arrivals(kind))
    microseconds = F.unix_micros("committed_at") - F.unix_micros("arrived_at")
    found = times.agg(
        *(F.percentile(microseconds / 1_000, share).alias(name) for name, share in PERCENTILES.items())
    ).collect()[0]
    return {name: None if found[name] is None else round(found[name]) for name in PERCENTILES}
