"""Delta tables, as far as no other test tells."""

from pathlib import Path

from pinterest.tables import KEYED, digest, ensure_table
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


def test_a_table_that_is_there_gets_the_properties_that_it_has_not(spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path)

    def properties() -> dict[str, str]:
        shown = spark.sql(f"SHOW TBLPROPERTIES delta.`{path}`").collect()
        return {row["key"]: row["value"] for row in shown if row["key"] in KEYED}

    ensure_table(spark, path, "ind int, text string", {"delta.dataSkippingStatsColumns": "ind,text"})
    ensure_table(spark, path, "ind int, text string", KEYED)
    # What was set on purpose stays.
    assert properties() == {"delta.enableChangeDataFeed": "true", "delta.dataSkippingStatsColumns": "ind,text"}


def test_a_table_that_has_its_properties_costs_no_commit_and_no_work_of_spark_s(
    spark: SparkSession, tmp_path: Path
) -> None:
    ensure_table(spark, str(tmp_path), "ind int", KEYED)
    context = spark.sparkContext
    context.setJobGroup("nothing to do", "")
    try:
        ensure_table(spark, str(tmp_path), "ind int", KEYED)
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)  # type: ignore[arg-type]
    assert context.statusTracker().getJobIdsForGroup("nothing to do") == []
    assert len(list((tmp_path / "_delta_log").glob("*.json"))) == 1
