"""Reads a stream into a folder of Parquet, one a batch, and may die in the middle: the process of test_kinesis_source.

Usage: python stream_into_files.py JSON, with stream, checkpoint, output, and dies_in_batch, none to read what there is.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from kinesis_source import KinesisDataSource


def main(given: dict[str, Any]) -> None:
    """Runs the query until it dies, or has read all."""
    scratch = Path(given["output"]) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "512m")
        .config("spark.driver.extraJavaOptions", f"-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.io.tmpdir={scratch}")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", str(scratch))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    spark.dataSource.register(KinesisDataSource)
    dies_in_batch = given["dies_in_batch"]

    def write(rows: DataFrame, batch: int) -> None:
        rows.coalesce(1).write.parquet(f"{given['output']}/batch={batch}")
        if batch == dies_in_batch:
            os.kill(os.getpid(), signal.SIGKILL)

    writer = (
        spark.readStream.format("kinesis")
        .option("streamName", given["stream"])
        .option("initialPosition", "trim_horizon")
        .option("maxRecordsPerFetch", 10)
        .load()
        .writeStream.option("checkpointLocation", given["checkpoint"])
        .foreachBatch(write)
    )
    if dies_in_batch is None:
        writer.trigger(availableNow=True).start().awaitTermination()
    else:
        writer.trigger(processingTime="1 second").start().awaitTermination()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
