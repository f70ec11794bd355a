"""A stream that behaves as Kinesis documents it, where the local one does not: closed shards stay until they expire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class FakeShard:
    """Records by their numbers; `None` stands for an answer without records although there are more."""

    parents: tuple[str, ...] = ()
    records: list[int | None] = field(default_factory=list)
    closed: bool = False


@dataclass
class FakeKinesis:
    """What is used of boto3's client. Record n arrived n seconds after 2020-01-01."""

    shards: dict[str, FakeShard]
    calls: list[tuple[str, str]] = field(default_factory=list)
    start: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    def arrival(self, number: int) -> datetime:
        return datetime.fromtimestamp(self.start.timestamp() + number, UTC)

    def list_shards(self, **arguments: Any) -> Mapping[str, Any]:
        ids = sorted(self.shards, reverse=True)
        # Two on each page.
        begin = int(arguments.get("NextToken", 0))
        page = [
            {
                "ShardId": shard_id,
                **dict(zip(("ParentShardId", "AdjacentParentShardId"), self.shards[shard_id].parents, strict=False)),
            }
            for shard_id in ids[begin : begin + 2]
        ]
        more = begin + 2 < len(ids)
        assert ("StreamName" in arguments) != ("NextToken" in arguments)
        return {"Shards": page, **({"NextToken": str(begin + 2)} if more else {})}

    def get_shard_iterator(self, **arguments: Any) -> Mapping[str, Any]:
        shard_id, kind = arguments["ShardId"], arguments["ShardIteratorType"]
        self.calls.append(("iterator", shard_id))
        records = self.shards[shard_id].records
        if kind == "TRIM_HORIZON":
            place = 0
        elif kind == "AFTER_SEQUENCE_NUMBER":
            last = int(arguments["StartingSequenceNumber"])
            place = sum(1 for record in records if record is not None and record <= last)
            place += sum(1 for record in records[:place] if record is None)
        else:
            seconds = arguments["Timestamp"] - self.start.timestamp()
            place = next(
                (n for n, record in enumerate(records) if record is not None and record >= seconds), len(records)
            )
        return {"ShardIterator": f"{shard_id}/{place}"}

    def get_records(self, **arguments: Any) -> Mapping[str, Any]:
        shard_id, place = arguments["ShardIterator"].split("/")
        self.calls.append(("records", shard_id))
        shard, begin = self.shards[shard_id], int(place)
        page = shard.records[begin : begin + arguments["Limit"]]
        if None in page:
            page = page[: page.index(None) + 1]
        end = begin + len(page)
        behind = len(shard.records) - end
        answer: dict[str, Any] = {
            "Records": [
                {
                    "PartitionKey": f"key {number}",
                    "Data": str(number).encode(),
                    "SequenceNumber": str(number),
                    "ApproximateArrivalTimestamp": self.arrival(number),
                }
                for number in page
                if number is not None
            ],
            "MillisBehindLatest": 1_000 * behind,
        }
        if behind or not shard.closed:
            answer["NextShardIterator"] = f"{shard_id}/{end}"
        return answer

    def close(self) -> None:
        self.calls.append(("close", ""))
