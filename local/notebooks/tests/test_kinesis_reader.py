"""Plans of the Kinesis source, against a stream that keeps its closed shards as Kinesis does."""

import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql.streaming.datasource import ReadAllAvailable, ReadMaxRows
from shards import FakeKinesis, FakeShard

from kinesis_source.options import OptionError, read_options
from kinesis_source.reader import KinesisStreamReader, MissingRecordsError

LATE = 4_102_444_800
"""A record that arrives long after the tests."""


def reader(kinesis: FakeKinesis, **options: str) -> KinesisStreamReader:
    given = {"streamName": "posts", "initialPosition": "earliest", **options}
    return KinesisStreamReader(read_options(given), lambda _: kinesis)


class Query:
    """Does what Spark does: plans a batch, keeps its offsets as JSON, and reads it."""

    def __init__(self, source: KinesisStreamReader, offset: Mapping[str, Any] | None = None) -> None:
        self.source = source
        self.offset: dict[str, Any] = dict(offset) if offset else source.initialOffset()

    def batch(self) -> dict[str, list[int]] | None:
        """The next batch's records by shard; none if there is none."""
        end = self.source.latestOffset(self.offset, self.source.getDefaultReadLimit())
        if json.dumps(end) == json.dumps(self.offset):
            return None
        planned = pickle.loads(pickle.dumps(self.source.partitions(self.offset, end)))
        self.offset = json.loads(json.dumps(end))
        return {part.shard_id: [int(row[4]) for row in self.source.read(part)] for part in planned}

    def batches(self) -> list[dict[str, list[int]]]:
        """All batches until there is nothing new."""
        found = []
        while (batch := self.batch()) is not None:
            found.append(batch)
            assert len(found) < 50, found
        return found


def test_every_record_is_read_once_in_batches_that_are_bounded() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[*range(5)]), "b": FakeShard(records=[10, 11])})
    query = Query(reader(kinesis, maxRecordsPerFetch="4"))
    assert query.batches() == [{"a": [0, 1], "b": [10, 11]}, {"a": [2, 3]}, {"a": [4]}]
    kinesis.shards["b"].records.append(12)
    assert query.batches() == [{"b": [12]}]


def test_a_limit_that_is_none_takes_all_there_is() -> None:
    source = reader(FakeKinesis({"a": FakeShard(records=[*range(5)])}), maxRecordsPerFetch="2")
    assert source.getDefaultReadLimit() == ReadMaxRows(2)
    end = source.latestOffset(source.initialOffset(), ReadAllAvailable())
    assert end["shards"] == {"a": "after 4"}


def test_a_row_has_the_columns_of_databricks() -> None:
    source = reader(FakeKinesis({"a": FakeShard(records=[7])}))
    [part] = source.partitions(source.initialOffset(), source.latestOffset(source.initialOffset(), ReadAllAvailable()))
    assert list(source.read(part)) == [
        ("key 7", b"7", "posts", "a", "7", datetime(2020, 1, 1, 0, 0, 7, tzinfo=UTC)),
    ]


def test_answers_without_records_are_not_taken_for_the_end() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[None, None, 1, None, 2])})
    assert Query(reader(kinesis)).batches() == [{"a": [1, 2]}]


def test_a_shard_without_news_costs_one_call_and_a_finished_one_none() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[1]), "b": FakeShard(records=[2], closed=True)})
    query = Query(reader(kinesis))
    query.batches()
    kinesis.calls.clear()
    assert query.batch() is None
    assert kinesis.calls == [("records", "a")]


def test_children_of_a_split_are_read_after_their_parent_s_end() -> None:
    kinesis = FakeKinesis(
        {
            "a": FakeShard(records=[1, 2, 3], closed=True),
            "b": FakeShard(("a",), records=[4, 6]),
            "c": FakeShard(("a",), records=[5]),
        }
    )
    query = Query(reader(kinesis, maxRecordsPerFetch="2"))
    assert query.batches() == [{"a": [1, 2]}, {"a": [3]}, {"b": [4], "c": [5]}, {"b": [6]}]
    assert query.offset["shards"] == {"a": "end", "b": "after 6", "c": "after 5"}


def test_the_child_of_a_merge_is_read_after_both_parents() -> None:
    kinesis = FakeKinesis(
        {
            "a": FakeShard(records=[1], closed=True),
            "b": FakeShard(records=[2, 3], closed=True),
            "c": FakeShard(("a", "b"), records=[4]),
        }
    )
    query = Query(reader(kinesis, maxRecordsPerFetch="2"))
    assert query.batches() == [{"a": [1], "b": [2]}, {"b": [3]}, {"c": [4]}]
    # Their records' time is over, and Kinesis lists them no more.
    del kinesis.shards["a"], kinesis.shards["b"]
    kinesis.shards["c"].records.append(5)
    assert query.batches() == [{"c": [5]}]
    assert query.offset["shards"] == {"c": "after 5"}


def test_a_shard_that_closes_without_further_records_gives_way_to_its_children() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[1])})
    query = Query(reader(kinesis))
    assert query.batches() == [{"a": [1]}]
    kinesis.shards["a"].closed = True
    kinesis.shards["b"] = FakeShard(("a",), records=[2])
    assert query.batches() == [{"a": []}, {"b": [2]}]


def test_a_query_goes_on_from_the_offsets_of_another() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[1, 2]), "b": FakeShard(records=[3])})
    first = Query(reader(kinesis))
    first.batches()
    kinesis.shards["a"].records.append(4)
    # The options of a query that has offsets no longer say where it begins.
    assert Query(reader(kinesis, initialPosition="latest"), first.offset).batches() == [{"a": [4]}]


def test_latest_leaves_out_what_arrived_before() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[1, 2])})
    query = Query(reader(kinesis, initialPosition="latest"))
    assert query.batch() is None
    kinesis.shards["a"].records.append(LATE)
    kinesis.shards["a"].closed = True
    kinesis.shards["b"] = FakeShard(("a",), records=[2, LATE + 1])
    # Another process, which knows no more than the offset.
    assert Query(reader(kinesis), query.offset).batches() == [{"a": [LATE]}, {"b": [LATE + 1]}]


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ('{"at_timestamp": "01/01/2020 00:00:02 +0000"}', [{"a": [2, 3]}]),
        ('{"at_timestamp": "01/01/2020 00:00:03 UTC"}', [{"a": [3]}]),
        ('{"at_timestamp": "2020-01-01 00:00:03", "format": "yyyy-MM-dd HH:mm:ss"}', [{"a": [3]}]),
        ("TRIM_HORIZON", [{"a": [1, 2, 3]}]),
    ],
)
def test_a_query_begins_where_it_is_told_to(position: str, expected: list[dict[str, list[int]]]) -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[1, 2, 3])})
    assert Query(reader(kinesis, initialPosition=position)).batches() == expected


def test_what_arrives_after_the_start_is_left_to_the_next_run_where_all_available_is_read() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[1, 2], closed=True), "b": FakeShard(("a",), records=[3])})
    source = reader(kinesis)
    source.prepareForTriggerAvailableNow()
    kinesis.shards["b"].records.append(LATE)
    query = Query(source)
    assert query.batches() == [{"a": [1, 2]}, {"b": [3]}]
    assert Query(reader(kinesis), query.offset).batches() == [{"b": [LATE]}]


def test_records_that_are_gone_are_not_passed_over_in_silence() -> None:
    kinesis = FakeKinesis({"a": FakeShard(records=[1, 2])})
    source = reader(kinesis)
    [part] = source.partitions(source.initialOffset(), source.latestOffset(source.initialOffset(), ReadAllAvailable()))
    kinesis.shards["a"].records.clear()
    with pytest.raises(MissingRecordsError, match="the stream posts has no record 2 in a any more"):
        list(source.read(part))


def test_the_connection_is_closed_if_there_is_one() -> None:
    kinesis = FakeKinesis({"a": FakeShard()})
    source = reader(kinesis)
    source.stop()
    assert kinesis.calls == []
    source.latestOffset(source.initialOffset(), ReadAllAvailable())
    source.stop()
    assert kinesis.calls[-1] == ("close", "")


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({}, "streamName must name one stream"),
        ({"streamName": "a,b"}, "streamName must name one stream, and is 'a,b'"),
        ({"streamName": "a", "initialPosition": "newest"}, "initialPosition must be latest, earliest"),
        ({"streamName": "a", "initialPosition": '{"at_timestamp": "today"}'}, "initialPosition must be"),
        ({"streamName": "a", "maxRecordsPerFetch": "0"}, "maxRecordsPerFetch must be 1 to 10000, and is '0'"),
        ({"streamName": "a", "awsAccessKey": "key"}, "awsAccessKey and awsSecretKey must be given both"),
    ],
)
def test_faulty_options_are_named(options: dict[str, str], fault: str) -> None:
    with pytest.raises(OptionError, match=fault):
        read_options(options)
