"""One Spark session for all tests, and folders that look like a mounted bucket."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pinterest.layout import Layout
from pinterest.session import prepare
from pyspark.sql import SparkSession

JARS = "PINTEREST_SPARK_JARS"


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Spark with Delta, on a machine whose clock is not UTC's: no result may depend on it."""
    if not os.environ.get(JARS):
        pytest.fail(f"{JARS} is not set: it must list Delta's jars, parted by commas", pytrace=False)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    scratch = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[2]")
        .appName("tests")
        .config("spark.jars", os.environ[JARS])
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.warehouse.dir", str(scratch / "warehouse"))
        .config("spark.local.dir", str(scratch))
        .config("spark.driver.memory", "1g")
        .config(
            "spark.driver.extraJavaOptions",
            "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m "
            f"-Djava.io.tmpdir={scratch} -Duser.timezone=America/St_Johns -Duser.language=tr",
        )
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.databricks.delta.snapshotPartitions", "1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    prepare(session)
    yield session
    session.stop()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """An empty bucket."""
    return Layout(mount_point=str(tmp_path), user_id="0ea7b76ff169")
