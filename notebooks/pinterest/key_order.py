"""In which order the keys of a JSON object stand that a Java program has read and written again."""

from collections.abc import Sequence

SMALLEST_TABLE = 16
FULL = 0.75


def of_hash_map(keys: Sequence[str]) -> list[str]:
    """The order that `java.util.HashMap` has them in.

    Kafka Connect reads a record's value into one (`JsonConverter` without schemas), and so the sink's objects have it.

    Args:
        keys: in the order in which they were put into the map; ASCII.
    """
    buckets = SMALLEST_TABLE
    while len(keys) > buckets * FULL:
        buckets *= 2
    return sorted(keys, key=lambda key: _spread(_hash(key)) % buckets)


def _hash(text: str) -> int:
    """`String.hashCode`, as an unsigned int."""
    value = 0
    for character in text:
        value = (31 * value + ord(character)) % 2**32
    return value


def _spread(value: int) -> int:
    """What `HashMap` makes of a hash, so that the upper half counts too."""
    return value ^ (value >> 16)
