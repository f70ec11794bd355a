"""Delta tables, as far as no other test tells."""

from pinterest.tables import digest
from pyspark.sql import SparkSession

SCHEMA = "ind int, left string, right string, coordinates array<double>"
ROWS = [(1, "a", None, [1.5, None]), (2, None, "b", None), (3, "c", "c", [])]


def test_a_digest_tells_rows_apart_but_not_their_order(spark: SparkSession) -> None:
    def of(*rows: tuple[object, ...]) -> str:
        return digest(spark.createDataFrame(list(rows), SCHEMA))

    one, two, three = ROWS
    whole = of(one, two, three)
    assert of(three, one, two) == whole
    assert of(one, two) != whole
    assert of(one, two, three, three) != whole
    assert of(one, (2, "b", None, None), three) != whole
    assert of((1, "a", None, [None, 1.5]), two, three) != whole
    assert of() == "0"
