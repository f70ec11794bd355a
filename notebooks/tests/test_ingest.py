"""Incremental cleaning into Delta tables: each row once, whatever happens."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from bucket import Row, list_folder, put_object
from pinterest import ingest
from pinterest.counts import Batches, Counts, Report, read_moment, report
from pinterest.ingest import clean_new_objects, ensure_tables, write_batch
from pinterest.layout import Layout
from pinterest.parsing import NOT_JSON
from pinterest.schema import read_kind
from pinterest.tables import Write
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from rows import user

KIND = read_kind("user")
NOTHING = Counts(read=0, cleaned=0, duplicates=0, quarantined=0)
TEXTS = ["a\nb", "a\r\nb", "a\u2028b", "a\u0085b", 'a"b', "a\\b", "\u65e5\u672c", "partition=3", " Zo\u00eb "]
BROKEN = "{\u00e9 broken"
RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
LATE: str = json.dumps(user(7, age="old"))


def run(spark: SparkSession, layout: Layout, since: datetime | None = None) -> Report:
    """One run of the clean notebook's work."""
    return clean_new_objects(spark, KIND, layout, list_folder, since)


def table(spark: SparkSession, path: str, *columns: str) -> list[tuple[object, ...]]:
    """The columns of all rows of a table, sorted."""
    return sorted(tuple(row) for row in spark.read.format("delta").load(path).select(*columns).collect())


def versions(layout: Layout) -> list[int]:
    """How many commits each table has, which any change raises."""
    tables = (layout.cleaned("user"), layout.quarantine("user"), layout.counts("user"), layout.identities())
    return [len(list((Path(table) / "_delta_log").glob("*.json"))) for table in tables]


@dataclass(frozen=True)
class History:
    """A bucket that lived through some days, and what each run said."""

    layout: Layout
    before_any_object: Report
    first_day: Report
    nothing_new: Report
    commits: tuple[list[int], list[int]]
    second_day: Report


@pytest.fixture(scope="module")
def history(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Runs before there is any object, after a first day, with nothing new, and after a second day."""
    layout = Layout(str(tmp_path_factory.mktemp("bucket")), "0ea7b76ff169")
    before_any_object = run(spark, layout)

    put_object(layout, "user", [user(1, first_name="B"), BROKEN, user(1, first_name="A"), user(2)], offset=9)
    put_object(layout, "user", [user(2, first_name="C"), user(3, first_name="Mary Ann")], offset=10)
    put_object(layout, "user", [user(100 + n, first_name=text) for n, text in enumerate(TEXTS)], partition=3)
    first_day = run(spark, layout)

    commits = versions(layout)
    nothing_new = run(spark, layout)
    commits_after = versions(layout)

    put_object(layout, "user", [user(1, first_name="D"), LATE, user(1001), user(1002)], offset=11)
    # By its time older than all that was read already.
    os.utime(put_object(layout, "user", [user(1000)], partition=1), (0, 0))
    second_day = run(spark, layout)
    return History(layout, before_any_object, first_day, nothing_new, (commits, commits_after), second_day)


def test_a_topic_without_a_folder_has_no_rows(history: History) -> None:
    assert history.before_any_object == Report("user", run=NOTHING, total=NOTHING)


def test_every_row_is_cleaned_a_duplicate_or_quarantined(history: History) -> None:
    first = Counts(read=6 + len(TEXTS), cleaned=3 + len(TEXTS), duplicates=2, quarantined=1)
    assert history.first_day == Report("user", run=first, total=first)


def test_a_run_without_new_objects_changes_nothing(history: History) -> None:
    assert history.nothing_new == Report("user", run=NOTHING, total=history.first_day.total)
    assert history.commits[0] == history.commits[1]


def test_a_day_brings_its_own_rows(history: History) -> None:
    assert history.second_day == Report(
        "user",
        run=Counts(read=5, cleaned=3, duplicates=1, quarantined=1),
        total=Counts(read=11 + len(TEXTS), cleaned=6 + len(TEXTS), duplicates=3, quarantined=2),
    )


def test_the_first_row_of_a_post_stays_whatever_its_text(spark: SparkSession, history: History) -> None:
    names = {1: "B", 2: "Thomas", 3: "Mary Ann", **{100 + n: text for n, text in enumerate(TEXTS)}}
    names |= {1000: "Thomas", 1001: "Thomas", 1002: "Thomas"}
    assert table(spark, history.layout.cleaned("user"), "ind", "user_name") == [
        (ind, f"{name} Turner") for ind, name in names.items()
    ]
    assert table(spark, history.layout.identities(), "ind", "first_name", "last_name") == [
        (ind, name, "Turner") for ind, name in names.items()
    ]


def test_a_refused_row_is_kept_whole_with_its_reason_object_and_time(spark: SparkSession, history: History) -> None:
    object_name = F.element_at(F.split("source_file", "/"), -1).alias("object")
    refused = spark.read.format("delta").load(history.layout.quarantine("user")).where("quarantined_at IS NOT NULL")
    assert sorted(tuple(row) for row in refused.select("value", "reason", object_name).collect()) == [
        (LATE, "age is not a 32-bit whole number", "0ea7b76ff169.user+0+0000000011.json"),
        (BROKEN, NOT_JSON, "0ea7b76ff169.user+0+0000000009.json"),
    ]


def test_a_merge_rewrites_nothing_and_reads_no_file_without_a_key_of_the_batch(
    spark: SparkSession, history: History
) -> None:
    # The second day's rows, but for one duplicate, lie beyond the first's: of its files at most one can hold key 1.
    last = spark.sql(f"DESCRIBE HISTORY delta.`{history.layout.cleaned('user')}` LIMIT 1").collect()[0]
    assert last["operation"] == "MERGE"
    assert last["operationMetrics"]["numTargetRowsInserted"] == "3"
    assert last["operationMetrics"]["numTargetFilesRemoved"] == "0"
    assert "ind" in last["operationParameters"]["predicate"]
    assert {"1", "1002"} <= set(last["operationParameters"]["predicate"].replace(")", " ").split())


def test_another_failure_of_the_listing_is_no_missing_folder(spark: SparkSession, history: History) -> None:
    def fail(_: str) -> object:
        raise PermissionError("the bucket is not yours")

    with pytest.raises(PermissionError, match="not yours"):
        clean_new_objects(spark, KIND, history.layout, fail)


class Breakable:
    """Lets so many writes succeed, then breaks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = -1
        for name in ("append_once", "insert_new"):
            monkeypatch.setattr(ingest, name, self._breaking(getattr(ingest, name)))

    def _breaking(self, write: Callable[..., None]) -> Callable[..., None]:
        def wrapped(*arguments: object) -> None:
            write(*arguments)
            self.left -= 1
            if self.left == 0:
                raise OSError("broken in the middle of a batch")

        return wrapped


def test_a_batch_that_breaks_after_any_write_is_done_again_without_a_trace(
    spark: SparkSession, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_tables(spark, KIND, layout)
    breakable = Breakable(monkeypatch)
    rows: list[Row] = [user(10), user(11), user(10)]
    lines = [*(json.dumps(row) for row in rows), BROKEN]
    batch = spark.createDataFrame(
        [(line, "object", 0) for line in lines], "value string, source_file string, source_block bigint"
    ).coalesce(1)
    # After the counts, the quarantine, the names, and the cleaned rows, one try after the other.
    for writes in (1, 2, 3, 4):
        breakable.left = writes
        with pytest.raises(OSError, match="in the middle of a batch"):
            write_batch(batch, Write("stream", 0), KIND, layout)
    write_batch(batch, Write("stream", 0), KIND, layout)
    expected = Counts(read=4, cleaned=2, duplicates=1, quarantined=1)
    assert report(spark, "user", layout, Batches("stream", first=0)) == Report("user", run=expected, total=expected)
    assert [row[0] for row in table(spark, layout.identities(), "ind")] == [10, 11]


def test_a_run_that_breaks_is_taken_up_and_a_lost_checkpoint_cleans_nothing_twice(
    spark: SparkSession, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_object(layout, "user", [user(1), BROKEN])
    breakable = Breakable(monkeypatch)
    breakable.left = 3
    with pytest.raises(StreamingQueryException, match="broken in the middle of a batch"):
        run(spark, layout)
    expected = Counts(read=2, cleaned=1, duplicates=0, quarantined=1)
    assert run(spark, layout) == Report("user", run=expected, total=expected)

    Path(layout.checkpoint("user")).rename(Path(layout.mount_point) / "lost")
    put_object(layout, "user", [user(2), BROKEN], offset=2)
    assert run(spark, layout) == Report(
        "user",
        run=Counts(read=4, cleaned=1, duplicates=1, quarantined=2),
        total=Counts(read=6, cleaned=2, duplicates=1, quarantined=3),
    )


def test_what_a_failed_attempt_cleaned_counts_with_the_next_one_that_is_told_since_when(
    spark: SparkSession, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_object(layout, "user", [user(1)])
    run(spark, layout)

    begun = datetime.now(timezone.utc)
    put_object(layout, "user", [user(2), user(1), BROKEN, LATE], offset=1)
    with monkeypatch.context() as broken:

        def fail(*_: object) -> Report:
            raise OSError("killed")

        broken.setattr(ingest, "report", fail)
        with pytest.raises(OSError, match="killed"):
            run(spark, layout, begun)
    attempted = Counts(read=4, cleaned=1, duplicates=1, quarantined=2)
    assert run(spark, layout, begun).run == attempted

    put_object(layout, "user", [user(3)], offset=5)
    assert run(spark, layout, datetime.now(timezone.utc)).run == Counts(1, 1, 0, 0)
    # A run's own batches are its own whatever the clocks say.
    put_object(layout, "user", [user(4)], offset=6)
    assert run(spark, layout, begun + timedelta(days=1)).run == Counts(1, 1, 0, 0)


@pytest.mark.parametrize("writes", [1, 2])
def test_the_runbook_puts_right_what_a_lost_checkpoint_left_counted_and_not_written(
    spark: SparkSession, layout: Layout, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    put_object(layout, "user", [user(1), user(2), user(1), BROKEN])
    breakable = Breakable(monkeypatch)
    breakable.left = writes
    with pytest.raises(StreamingQueryException, match="broken in the middle of a batch"):
        run(spark, layout)
    [(stream, batch)] = table(spark, layout.counts("user"), "stream", "batch")
    Path(layout.checkpoint("user")).rename(Path(layout.mount_point) / "lost")
    total = run(spark, layout).total
    missing = total.read - total.cleaned - total.duplicates - total.quarantined
    assert missing > 0

    [statement] = re.findall(r"UPDATE delta.*?(?=```)", RUNBOOK.read_text(encoding="utf-8"), re.DOTALL)
    for name, value in {
        "mount point": layout.mount_point,
        "kind": "user",
        "missing": missing,
        "stream": stream,
        "batch": batch,
    }.items():
        statement = statement.replace(f"<{name}>", str(value))
    spark.sql(statement)
    mended = run(spark, layout, datetime.fromtimestamp(0, timezone.utc))
    for counts in (mended.run, mended.total):
        assert counts.read == counts.cleaned + counts.duplicates + counts.quarantined
    assert mended.total.cleaned == 2


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("", None),
        ("2024-01-02T03:04:05.600000+02:00", datetime(2024, 1, 2, 1, 4, 5, 600_000, timezone.utc)),
        ("2024-01-02T03:04:05", datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
    ],
)
def test_a_moment_without_a_zone_is_in_utc(text: str, moment: datetime | None) -> None:
    assert read_moment(text) == moment
