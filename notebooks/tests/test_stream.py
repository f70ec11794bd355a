"""The stream's batches: the same cleaning as batch, each post once, and how long each took."""

import json
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from bucket import list_folder, put_object
from pinterest import latency
from pinterest.counts import Batches, Counts, report
from pinterest.ingest import clean_new_objects, ensure_tables
from pinterest.latency import ARRIVALS_SCHEMA, percentiles
from pinterest.layout import Layout
from pinterest.parsing import NOT_JSON
from pinterest.saved_tables import NameTakenError, save_as
from pinterest.schema import read_kind
from pinterest.stream import LONGEST_SEQUENCE_NUMBER, RECORDS, TriggerError, triggered, with_source, write_records
from pinterest.tables import Write, ensure_table
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.datasource import DataSource, SimpleDataSourceStreamReader
from pyspark.sql.types import StructType
from rows import user

KIND = read_kind("user")
NOON = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)
NO_UTF8 = b'{"ind": 5, "first_name": "\xff"}'
SCHEMA = "data binary, shard_id string, sequence_number string, arrived_at timestamp, sequence string, value string"


@pytest.fixture
def stream(tmp_path: Path) -> Layout:
    """An empty bucket, for the stream."""
    return Layout(str(tmp_path), "0ea7b76ff169", pipeline="stream")


def make_tables(spark: SparkSession, layout: Layout) -> None:
    """What the query makes when it starts."""
    ensure_tables(spark, KIND, layout, RECORDS)
    ensure_table(spark, layout.arrivals("user"), ARRIVALS_SCHEMA)


def records(spark: SparkSession, *payloads: bytes, first: int = 0) -> DataFrame:
    """Records as `read_new` gives them, each a second after the other."""
    rows = [
        (
            payload,
            "shardId-000000000000",
            str(number),
            NOON + timedelta(seconds=number),
            str(number).rjust(LONGEST_SEQUENCE_NUMBER, "0"),
            None if payload == NO_UTF8 else payload.decode(),
        )
        for number, payload in enumerate(payloads, start=first)
    ]
    # The later records first: order is in what they say, not in where they stand.
    return spark.createDataFrame(rows[::-1], SCHEMA)


def payload(ind: int, **values: object) -> bytes:
    return json.dumps(user(ind, **values), ensure_ascii=False).encode()


def rows(spark: SparkSession, path: str, *columns: str) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in spark.read.format("delta").load(path).select(*columns).collect())


def test_each_post_once_within_and_across_batches_and_nothing_lost(spark: SparkSession, stream: Layout) -> None:
    make_tables(spark, stream)
    first = records(spark, payload(1, first_name="A"), b"{broken", payload(1, first_name="B"), NO_UTF8, payload(2))
    write_records(first, Write("query", 0), KIND, stream)
    second = records(spark, payload(2, first_name="C"), payload(3), payload(1, first_name="D"), first=10)
    write_records(second, Write("query", 1), KIND, stream)
    # Only what was there already.
    write_records(records(spark, payload(1), first=20), Write("query", 2), KIND, stream)

    done = report(spark, "user", stream, Batches("query", first=0))
    assert done.run == done.total == Counts(read=9, cleaned=3, duplicates=4, quarantined=2)
    assert rows(spark, stream.cleaned("user"), "ind", "user_name") == [
        (1, "A Turner"),
        (2, "Thomas Turner"),
        (3, "Thomas Turner"),
    ]
    refused = spark.read.format("delta").load(stream.quarantine("user"))
    assert refused.columns == [
        "value",
        "reason",
        "data",
        "shard_id",
        "sequence_number",
        "arrived_at",
        "quarantined_at",
    ]
    assert sorted(tuple(row) for row in refused.select("sequence_number", "value", "reason", "data").collect()) == [
        ("1", "{broken", NOT_JSON, bytearray(b"{broken")),
        ("3", None, NOT_JSON, bytearray(NO_UTF8)),
    ]
    # Of each post that record's time whose row stands in the table.
    seconds = "unix_seconds(arrived_at) AS second"
    arrivals = spark.read.format("delta").load(stream.arrivals("user")).selectExpr("ind", seconds).collect()
    noon = int(NOON.timestamp())
    assert sorted((row["ind"], row["second"] - noon) for row in arrivals) == [(1, 0), (2, 4), (3, 11)]


def test_the_stream_cleans_as_batch_does(spark: SparkSession, stream: Layout) -> None:
    batch = Layout(stream.mount_point, stream.user_id)
    posts = [user(1), user(2, first_name=" ", age=None), user(3, date_joined="2016-12-22 00:02:02.5")]
    put_object(batch, "user", posts)
    clean_new_objects(spark, KIND, batch, list_folder)
    make_tables(spark, stream)
    write_records(records(spark, *(json.dumps(post).encode() for post in posts)), Write("query", 0), KIND, stream)
    tables = [spark.read.format("delta").load(layout.cleaned("user")) for layout in (batch, stream)]
    assert tables[0].schema == tables[1].schema
    assert sorted(tables[0].collect(), key=str) == sorted(tables[1].collect(), key=str)


def test_a_batch_that_ends_before_its_times_are_kept_has_them_when_done_again(
    spark: SparkSession, stream: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tables(spark, stream)
    batch = records(spark, payload(1), payload(2))
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise OSError("killed")

        broken.setattr(latency, "insert_new", fail)
        with pytest.raises(OSError, match="killed"):
            write_records(batch, Write("query", 0), KIND, stream)
    assert [row[0] for row in rows(spark, stream.cleaned("user"), "ind")] == [1, 2]
    assert percentiles(spark, "user", stream) == {"p50": None, "p99": None}
    write_records(batch, Write("query", 0), KIND, stream)
    assert [row[0] for row in rows(spark, stream.arrivals("user"), "ind")] == [1, 2]
    assert report(spark, "user", stream, Batches("query", first=0)).total == Counts(
        read=2, cleaned=2, duplicates=0, quarantined=0
    )


def test_percentiles_are_of_the_time_from_arrival_to_commit(spark: SparkSession, stream: Layout) -> None:
    ensure_table(spark, stream.arrivals("user"), ARRIVALS_SCHEMA)
    times = [(ind, NOON, NOON + timedelta(milliseconds=10 * ind)) for ind in range(1, 102)]
    spark.createDataFrame(times, ARRIVALS_SCHEMA).write.format("delta").mode("append").save(stream.arrivals("user"))
    assert percentiles(spark, "user", stream) == {"p50": 510, "p99": 1000}


def test_a_table_has_its_name_and_no_other_table_gets_it(spark: SparkSession, tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("one", "other")]
    for path in paths:
        ensure_table(spark, path, "ind int")
    spark.sql(f"INSERT INTO delta.`{paths[0]}` VALUES (7)")
    for _ in range(2):
        save_as(spark, "0ea7b76ff169_pin_table", paths[0])
    assert [row["ind"] for row in spark.table("`0ea7b76ff169_pin_table`").collect()] == [7]
    with pytest.raises(NameTakenError, match=r"the name 0ea7b76ff169_pin_table stands for the table at .*/one, not"):
        save_as(spark, "0ea7b76ff169_pin_table", paths[1])
    spark.sql("DROP TABLE `0ea7b76ff169_pin_table`")


def test_a_table_in_a_volume_gets_no_name(spark: SparkSession) -> None:
    save_as(spark, "0ea7b76ff169_geo_table", "/Volumes/main/pinterest/bucket/tables/stream/geo")
    assert not spark.catalog.tableExists("`0ea7b76ff169_geo_table`")


@pytest.mark.parametrize("trigger", ["", "0", "1.5", "once", "-1"])
def test_a_trigger_that_says_nothing_is_refused(spark: SparkSession, trigger: str) -> None:
    writer = spark.readStream.format("rate").load().writeStream
    with pytest.raises(TriggerError, match="must be a number of seconds or availableNow, and is"):
        triggered(writer, trigger)


def test_a_started_query_has_its_source(spark: SparkSession, tmp_path: Path) -> None:
    # Defined here: its process finds no test module.
    class SlowSource(DataSource):
        @classmethod
        def name(cls) -> str:
            return "slow"

        def schema(self) -> str:
            return "number int"

        def simpleStreamReader(self, schema: StructType) -> SimpleDataSourceStreamReader:  # noqa: ARG002, N802
            time.sleep(2)
            return SimpleDataSourceStreamReader()

    spark.dataSource.register(SlowSource)
    writer = spark.readStream.format("slow").load().writeStream.format("memory").queryName("slow")
    begun = time.monotonic()
    query = with_source(writer.option("checkpointLocation", str(tmp_path)).start())
    try:
        assert time.monotonic() - begun > 2
        assert not query.status["message"].startswith("Initializing")
    finally:
        query.stop()
