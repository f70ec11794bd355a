"""That keys stand in the order in which Java has them."""

import pytest
from pinterest.key_order import of_hash_map
from pinterest.schema import read_kind
from pyspark.sql import SparkSession


def in_java(spark: SparkSession, keys: list[str]) -> list[str]:
    """The keys as `java.util.HashMap` itself has them."""
    assert spark.sparkContext._jvm is not None
    hash_map = spark.sparkContext._jvm.java.util.HashMap()
    for key in keys:
        hash_map.put(key, None)
    return list(hash_map.keySet())


@pytest.mark.parametrize("kind", ["pin", "geo", "user"])
def test_the_columns_of_a_kind_stand_as_in_java(spark: SparkSession, kind: str) -> None:
    keys = [column.name for column in read_kind(kind).columns]
    assert of_hash_map(keys) == in_java(spark, keys)


@pytest.mark.parametrize("count", [0, 1, 12, 13, 24, 25, 200])
def test_any_number_of_keys_stands_as_in_java(spark: SparkSession, count: int) -> None:
    keys = [f"{number} a column with a long name" for number in range(count)]
    assert of_hash_map(keys) == in_java(spark, keys)
