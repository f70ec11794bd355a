"""The Kinesis source in Spark, on MiniStack's Kinesis: exactly once over a kill, a split and a merge."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

FOLDER = Path(__file__).resolve().parent
STREAM = "streaming-0ea7b76ff169-pin"
MIDDLE = 2**127
"""Where two shards of one size meet."""


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait(10)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """MiniStack, and the environment that leads to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("ministack")
    leads_to_it = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local-secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_KINESIS": endpoint,
        "PYTHONPATH": str(FOLDER.parent),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "ministack"],
        env={
            **leads_to_it,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "SERVICES": "kinesis",
            "TMPDIR": str(folder),
            "LOG_LEVEL": "WARNING",
            "PERSIST_STATE": "0",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        },
        start_new_session=True,
    )
    try:
        bound = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5):
                    break
            except OSError:
                assert process.poll() is None, "MiniStack ended"
                assert time.monotonic() < bound, "MiniStack did not answer within a minute"
                time.sleep(0.2)
        yield leads_to_it
    finally:
        end(process)


@dataclass
class Stream:
    """A stream, and all that was put into it, by sequence number."""

    client: Any
    put: dict[str, bytes]

    def put_records(self, numbers: Sequence[int]) -> None:
        """Puts one record for each number, spread over the shards by its key."""
        data = [f'{{"ind": {number}}}'.encode() + b"\xff" for number in numbers]
        entries = [{"Data": one, "PartitionKey": str(number)} for number, one in zip(numbers, data, strict=True)]
        answer = self.client.put_records(StreamName=STREAM, Records=entries)
        assert answer["FailedRecordCount"] == 0
        for one, stored in zip(data, answer["Records"], strict=True):
            self.put[stored["SequenceNumber"]] = one


@pytest.fixture(scope="module")
def stream(environment: dict[str, str]) -> Iterator[Stream]:
    """Two shards, with thirty records."""
    client: Any = boto3.client(
        "kinesis",
        endpoint_url=environment["AWS_ENDPOINT_URL_KINESIS"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local-secret",
    )
    client.create_stream(StreamName=STREAM, ShardCount=2)
    made = Stream(client, {})
    made.put_records(range(30))
    yield made
    client.close()


def run(environment: dict[str, str], folder: Path, output: str, dies_in_batch: int | None = None) -> int:
    """Runs the query in a process of its own; its exit code."""
    given = {
        "stream": STREAM,
        "checkpoint": str(folder / "checkpoint"),
        "output": str(folder / output),
        "dies_in_batch": dies_in_batch,
    }
    process = subprocess.Popen(
        [sys.executable, str(FOLDER / "stream_into_files.py"), json.dumps(given)],
        env=environment,
        start_new_session=True,
    )
    try:
        return process.wait(240)
    finally:
        end(process)


def batches(folder: Path) -> dict[int, list[dict[str, Any]]]:
    """What a run wrote, by batch, in the order of the sequence numbers."""
    return {
        int(part.name.partition("=")[2]): sorted(
            (row for file in sorted(part.glob("*.parquet")) for row in pq.ParquetFile(file).read().to_pylist()),
            key=lambda row: str(row["sequenceNumber"]),
        )
        for part in folder.glob("batch=*")
    }


def test_each_record_is_read_once_whatever_happens(environment: dict[str, str], stream: Stream, tmp_path: Path) -> None:
    assert run(environment, tmp_path, "first", dies_in_batch=1) == -signal.SIGKILL
    first = batches(tmp_path / "first")
    assert sorted(first) == [0, 1]
    assert all(1 <= len(rows) <= 10 for rows in first.values())

    assert run(environment, tmp_path, "second") == 0
    second = batches(tmp_path / "second")
    # The batch that died, with the records that it had then; no batch before it.
    assert min(second) == 1
    assert second[1] == first[1]
    rows = [row for batch in (first[0], *second.values()) for row in batch]
    assert len(rows) == 30
    assert {row["sequenceNumber"]: row["data"] for row in rows} == stream.put
    assert list(rows[0]) == [
        "partitionKey",
        "data",
        "stream",
        "shardId",
        "sequenceNumber",
        "approximateArrivalTimestamp",
    ]
    assert {row["stream"] for row in rows} == {STREAM}
    assert {row["shardId"] for row in rows} == {"shardId-000000000000", "shardId-000000000001"}
    ages = [datetime.now(UTC) - row["approximateArrivalTimestamp"].replace(tzinfo=UTC) for row in rows]
    assert all(timedelta(0) <= age < timedelta(minutes=15) for age in ages)

    # The upper half of the first shard becomes one with the second. MiniStack removes shards where Kinesis closes them.
    arguments = {"StreamName": STREAM}
    stream.client.split_shard(**arguments, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(MIDDLE // 2))
    stream.client.merge_shards(
        **arguments, ShardToMerge="shardId-000000000003", AdjacentShardToMerge="shardId-000000000001"
    )
    stream.put_records(range(100, 120))
    assert run(environment, tmp_path, "third") == 0
    third = [row for batch in batches(tmp_path / "third").values() for row in batch]
    assert sorted(row["partitionKey"] for row in third) == sorted(str(number) for number in range(100, 120))
    assert {row["shardId"] for row in third} == {"shardId-000000000002", "shardId-000000000004"}
