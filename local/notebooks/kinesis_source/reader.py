"""Plans batches of a stream's records, and reads them.

No call of Kinesis tells which record of a shard is the last. So the end of a batch is found by reading up to it, and
its task then reads the same records again. Nothing but the offsets outlives a batch in this way: one that is done again
after a kill reads what it read before.

Shards: a child is read once its parents were read to their end, so that records of one partition key keep their order
over a split or a merge. Kinesis no longer lists a shard when its last record's time is over; it is then forgotten here.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pyspark.sql.datasource import DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import ReadLimit, ReadMaxRows, SupportsTriggerAvailableNow

from kinesis_source.offsets import END, Offset, Position, after, at_timestamp
from kinesis_source.options import MOST_RECORDS_PER_FETCH, Options
from kinesis_source.stream import KinesisClient, Record, Shard, Stream, connect

ITERATOR_SECONDS = 240
"""How long an iterator is used again; Kinesis keeps it for five minutes."""

Row = tuple[str, bytes, str, str, str, datetime]


class MissingRecordsError(Exception):
    """Records of a planned batch that the stream does not have any more."""


@dataclass
class ShardRange(InputPartition):
    """One shard's part of a batch."""

    shard_id: str
    start: Position
    end: Position


@dataclass(frozen=True)
class _KeptIterator:
    position: Position
    iterator: str
    taken_at: float


class KinesisStreamReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Reads one stream for one query. Spark pickles it for its tasks, before it is connected."""

    def __init__(self, options: Options, connected: Callable[[Options], KinesisClient] = connect) -> None:
        """Calls nothing yet."""
        self._options = options
        self._connected = connected
        self._iterators: dict[str, _KeptIterator] = {}
        self._last_arrival: datetime | None = None

    @cached_property
    def _stream(self) -> Stream:
        return Stream(self._options.stream_name, self._connected(self._options))

    def initialOffset(self) -> dict[str, Any]:
        """Where a query without a checkpoint begins."""
        return Offset(self._options.initial_position or at_timestamp(time.time()), {}).document()

    def getDefaultReadLimit(self) -> ReadLimit:
        """How many records a batch has at most."""
        return ReadMaxRows(self._options.batch_records)

    def prepareForTriggerAvailableNow(self) -> None:
        """Leaves all that arrives from now on to the next query; arrival times are of whole milliseconds."""
        self._last_arrival = datetime.fromtimestamp((math.ceil(time.time() * 1_000) + 1) / 1_000, UTC)

    def latestOffset(self, start: dict[str, Any], limit: ReadLimit) -> dict[str, Any]:
        """The end of the next batch; `start` itself where there is nothing new."""
        offset = Offset.of(start)
        listed = self._stream.shards()
        ids = {shard.id for shard in listed}
        positions = {shard_id: position for shard_id, position in offset.shards.items() if shard_id in ids}
        readable = [shard.id for shard in listed if self._is_readable(shard, offset, ids)]
        rows = max(1, limit.max_rows // max(1, len(readable))) if isinstance(limit, ReadMaxRows) else None
        for shard_id in readable:
            before = offset.position(shard_id)
            reached = self._reached(shard_id, before, rows)
            if reached != before:
                positions[shard_id] = reached
        return Offset(offset.start, positions).document()

    @staticmethod
    def _is_readable(shard: Shard, offset: Offset, listed: set[str]) -> bool:
        return offset.position(shard.id) != END and all(
            offset.position(parent) == END for parent in shard.parents if parent in listed
        )

    def _reached(self, shard_id: str, start: Position, rows: int | None) -> Position:
        """How far the next so many records of a shard go; None: all that there are."""
        reached, left = start, rows
        iterator = self._iterator(shard_id, start)
        while True:
            page = self._stream.page(
                iterator, MOST_RECORDS_PER_FETCH if left is None else min(left, MOST_RECORDS_PER_FETCH)
            )
            for record in page.records:
                if self._last_arrival is not None and record.arrived_at > self._last_arrival:
                    return reached
                reached = after(record.sequence_number)
            if page.next_iterator is None:
                return END
            iterator = page.next_iterator
            if left is not None:
                left -= len(page.records)
            if page.caught_up or left == 0:
                self._iterators[shard_id] = _KeptIterator(reached, iterator, time.monotonic())
                return reached

    def _iterator(self, shard_id: str, position: Position) -> str:
        """Goes on with the last call's iterator: Kinesis allows five new ones a second and shard."""
        kept = self._iterators.pop(shard_id, None)
        if kept and kept.position == position and time.monotonic() - kept.taken_at < ITERATOR_SECONDS:
            return kept.iterator
        return self._stream.iterator(shard_id, position)

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> Sequence[InputPartition]:
        """A task for each shard that has records in the batch."""
        before = Offset.of(start)
        return [
            ShardRange(shard_id, before.position(shard_id), position)
            for shard_id, position in Offset.of(end).shards.items()
            if position != before.position(shard_id)
        ]

    def read(self, partition: InputPartition) -> Iterator[Row]:
        """The records of one shard's part of a batch.

        Raises:
            MissingRecordsError: if they are older than the stream keeps records.
        """
        assert isinstance(partition, ShardRange)
        for record in self._records(partition):
            yield (
                record.partition_key,
                record.data,
                self._options.stream_name,
                partition.shard_id,
                record.sequence_number,
                record.arrived_at,
            )

    def _records(self, part: ShardRange) -> Iterator[Record]:
        iterator: str | None = self._stream.iterator(part.shard_id, part.start)
        while iterator is not None:
            page = self._stream.page(iterator, MOST_RECORDS_PER_FETCH)
            for record in page.records:
                yield record
                if after(record.sequence_number) == part.end:
                    return
            if part.end != END and page.caught_up and not page.records:
                break
            iterator = page.next_iterator
        if part.end != END:
            raise MissingRecordsError(
                f"the stream {self._options.stream_name} has no record {part.end.value} in {part.shard_id} any more"
            )

    def stop(self) -> None:
        """Closes the connection, if there is one."""
        if "_stream" in vars(self):
            self._stream.close()
