"""Calls of Kinesis: what a stream is made of, and what is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kinesis_source.offsets import Position
from kinesis_source.options import Options

ITERATOR_TYPES = {"trim_horizon": "TRIM_HORIZON", "at_timestamp": "AT_TIMESTAMP", "after": "AFTER_SEQUENCE_NUMBER"}


class KinesisClient(Protocol):
    """What is used of boto3's client."""

    def list_shards(self, **arguments: Any) -> Mapping[str, Any]:
        """ListShards."""

    def get_shard_iterator(self, **arguments: Any) -> Mapping[str, Any]:
        """GetShardIterator."""

    def get_records(self, **arguments: Any) -> Mapping[str, Any]:
        """GetRecords."""

    def close(self) -> None:
        """Closes its connections."""


def connect(options: Options) -> KinesisClient:
    """A client that tries a refused call again, ten times at most."""
    # Where a query is only planned, there is no need to load them.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    client: KinesisClient = boto3.client(
        "kinesis",
        region_name=options.region,
        endpoint_url=options.endpoint,
        aws_access_key_id=options.access_key,
        aws_secret_access_key=options.secret_key,
        config=Config(retries={"mode": "standard", "max_attempts": 10}, connect_timeout=10, read_timeout=60),
    )
    return client


@dataclass(frozen=True)
class Shard:
    """A part of a stream. One that was split or merged has children, and takes no more records."""

    id: str
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """What was put into the stream."""

    partition_key: str
    data: bytes
    sequence_number: str
    arrived_at: datetime


@dataclass(frozen=True)
class Page:
    """The answer of one call."""

    records: tuple[Record, ...]
    next_iterator: str | None
    """None behind the last record of a shard that takes no more."""
    caught_up: bool
    """Whether the shard has no further records for now. Without it even a page without records says nothing."""


class Stream:
    """One stream."""

    def __init__(self, name: str, client: KinesisClient) -> None:
        """Calls nothing yet."""
        self._name = name
        self._client = client

    def shards(self) -> list[Shard]:
        """All shards that still have records or take some, sorted by id."""
        found: list[Shard] = []
        arguments: dict[str, str] = {"StreamName": self._name}
        while True:
            answer = self._client.list_shards(**arguments)
            for shard in answer["Shards"]:
                parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
                found.append(Shard(shard["ShardId"], tuple(parent for parent in parents if parent)))
            if not answer.get("NextToken"):
                return sorted(found, key=lambda shard: shard.id)
            # Kinesis refuses the name beside a token, which stands for it.
            arguments = {"NextToken": answer["NextToken"]}

    def iterator(self, shard_id: str, position: Position) -> str:
        """What reads the shard from the position on; Kinesis forgets it after five minutes."""
        arguments: dict[str, Any] = {"ShardIteratorType": ITERATOR_TYPES[position.type]}
        if position.type == "at_timestamp":
            arguments["Timestamp"] = float(position.value)
        elif position.type == "after":
            arguments["StartingSequenceNumber"] = position.value
        answer = self._client.get_shard_iterator(StreamName=self._name, ShardId=shard_id, **arguments)
        return str(answer["ShardIterator"])

    def page(self, iterator: str, limit: int) -> Page:
        """The next records, so many at most."""
        answer = self._client.get_records(ShardIterator=iterator, Limit=limit)
        return Page(
            tuple(
                Record(
                    record["PartitionKey"],
                    record["Data"],
                    record["SequenceNumber"],
                    record["ApproximateArrivalTimestamp"],
                )
                for record in answer["Records"]
            ),
            answer.get("NextShardIterator"),
            caught_up=answer.get("MillisBehindLatest", 0) == 0,
        )

    def close(self) -> None:
        """Closes the client."""
        self._client.close()
