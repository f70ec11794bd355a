"""How far a stream was read: what Spark keeps in the checkpoint, as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

PositionType = Literal["trim_horizon", "at_timestamp", "after", "end"]


@dataclass(frozen=True)
class Position:
    """A place in a shard."""

    type: PositionType
    value: str = ""
    """Of `at_timestamp`: seconds since 1970, with a fraction. Of `after`: a record's sequence number."""

    def __str__(self) -> str:
        return f"{self.type} {self.value}".strip()


TRIM_HORIZON = Position("trim_horizon")
"""The oldest record that the shard still has."""
END = Position("end")
"""Behind the last record of a shard that was split or merged, and takes no more."""


def at_timestamp(seconds: float) -> Position:
    """The first record that arrived then or later."""
    return Position("at_timestamp", f"{seconds:.3f}")


def after(sequence_number: str) -> Position:
    """The record behind that one."""
    return Position("after", sequence_number)


@dataclass(frozen=True)
class Offset:
    """Positions in all shards of a stream."""

    start: Position
    """Where a shard that `shards` does not name is read from."""
    shards: Mapping[str, Position]

    @staticmethod
    def of(document: Mapping[str, Any]) -> "Offset":
        """Reads what `document` wrote."""
        return Offset(_read(document["start"]), {shard: _read(text) for shard, text in document["shards"].items()})

    def document(self) -> dict[str, Any]:
        """As JSON; equal offsets have the same text, by which Spark tells whether there is anything new."""
        return {"start": str(self.start), "shards": {shard: str(self.shards[shard]) for shard in sorted(self.shards)}}

    def position(self, shard_id: str) -> Position:
        """How far the shard was read."""
        return self.shards.get(shard_id, self.start)


def _read(text: str) -> Position:
    kind, _, value = text.partition(" ")
    position: dict[str, PositionType] = {
        "trim_horizon": "trim_horizon",
        "at_timestamp": "at_timestamp",
        "after": "after",
        "end": "end",
    }
    return Position(position[kind], value)
