"""The notebooks themselves, run cell by cell over a made-up source, compared with answers computed in plain Python."""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn

import pytest
from bucket import Row, list_folder, put_object
from pinterest.layout import Layout
from pinterest.queries import QUERIES
from pinterest.tables import MissingTableError, digest
from pyspark.sql import DataFrame, SparkSession
from reference import answers
from rows import geo, pin, user

NOTEBOOKS = Path(__file__).resolve().parents[1]
POSTS = 600


class ExitError(Exception):
    """What ends a notebook that calls `dbutils.notebook.exit`."""


@dataclass
class Utilities:
    """What the notebooks use of `dbutils`, which is its own widgets, file system and notebook here."""

    parameters: dict[str, str]
    shown: list[DataFrame] = field(default_factory=list)

    @property
    def widgets(self) -> "Utilities":
        return self

    @property
    def fs(self) -> "Utilities":
        return self

    @property
    def notebook(self) -> "Utilities":
        return self

    def text(self, name: str, default: str) -> None:
        self.parameters.setdefault(name, default)

    def get(self, name: str) -> str:
        return self.parameters[name]

    def ls(self, folder: str) -> list[str]:
        return list_folder(folder)

    def put(self, file: str, contents: str, overwrite: bool) -> None:
        assert overwrite
        Path(file).write_text(contents, encoding="utf-8")

    def exit(self, value: str) -> NoReturn:
        raise ExitError(value)


def run_notebook(spark: SparkSession, name: str, layout: Layout, **parameters: str) -> Utilities:
    """Executes a notebook as the job does."""
    utilities = Utilities({"user_id": layout.user_id, "mount_point": layout.mount_point, **parameters})
    source = (NOTEBOOKS / f"{name}.py").read_text(encoding="utf-8")
    assert source.startswith("# Databricks notebook source\n")
    names: dict[str, Any] = {"spark": spark, "dbutils": utilities, "display": utilities.shown.append}
    for cell in source.split("# COMMAND ----------"):
        exec(compile(cell, name, "exec"), names)
    return utilities


def clean(spark: SparkSession, layout: Layout, kind: str, **parameters: str) -> dict[str, Any]:
    """Runs the clean notebook; its exit value."""
    with pytest.raises(ExitError) as ended:
        run_notebook(spark, "clean", layout, kind=kind, **parameters)
    report: dict[str, Any] = json.loads(str(ended.value))
    return report


def datetime_of(chance: random.Random, years: tuple[int, int]) -> str | None:
    """A datetime within the years, both included; often their first or last second, now and then none."""
    year = chance.randint(*years)
    return chance.choice(
        [f"{year}-01-01T00:00:00", f"{year}-12-31T23:59:59.999999", f"{year}-06-15 12:00:00", f"{year}-06-15T12:00:00"]
        * 5
        + [None]
    )


def source(seed: int) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of the three tables with few values each, so that there are ties, doubles and gaps everywhere."""
    chance = random.Random(seed)
    pins: list[Row] = []
    geos: list[Row] = []
    users: list[Row] = []
    for index in range(POSTS):
        pins.append(
            pin(
                index,
                category=chance.choice(["art", "beauty", "Zen", "\u00e9ducation", "travel", "quotes", "", None]),
                poster_name=chance.choice(
                    ["Ann", "Bob", "bob", "\u65e5\u672c", "\U0001f600", "User Info Error", " ", None]
                ),
                follower_count=chance.choice(
                    ["0", "437", "438", "1k", "1.5k", "2.3k", "136k", "1M", "1.5M", "15M", "User Info Error", "", None]
                ),
            )
        )
        geos.append(
            geo(
                index,
                country=chance.choice([*(f"Country {n % 17}" for n in range(40)), "\u00c5land", "a", "Z", "", None]),
                timestamp=datetime_of(chance, (2016, 2024)),
            )
        )
        first, last = chance.choice(
            [("Mary Ann", "Smith"), ("Mary", "Ann Smith"), ("Bo", "Li"), ("Bo", ""), (None, "Li")]
        )
        users.append(
            user(
                index,
                first_name=first,
                last_name=last,
                age=chance.choice([17, 18, 24, 25, 35, 36, 50, 51, 60, None]),
                date_joined=datetime_of(chance, (2013, 2022)),
            )
        )
    # Some posts are not in every table.
    return pins[:-20], geos[10:], users[5:-5]


def test_the_notebooks_answer_as_plain_python_does(spark: SparkSession, layout: Layout) -> None:
    tables = dict(zip(("pin", "geo", "user"), source(seed=20240101), strict=True))
    begun = datetime.now(timezone.utc).isoformat()
    # Two days, of which the second must not count anew or leave out what the first one brought.
    for day, share in enumerate((slice(0, 400), slice(400, None))):
        for kind, rows in tables.items():
            came = rows[share]
            for partition in range(3):
                lines: list[Row | str] = [*came[partition::3], came[partition], "broken"]
                put_object(layout, kind, lines, offset=day, partition=partition)
            report = clean(spark, layout, kind)
            counts = {"read": len(came) + 6, "cleaned": len(came), "duplicates": 3, "quarantined": 3}
            assert report.pop("digest") == digest(spark.read.format("delta").load(layout.cleaned(kind)))
            days = day + 1
            known = len(rows[: share.stop])
            total = {"read": known + 6 * days, "cleaned": known, "duplicates": 3 * days, "quarantined": 3 * days}
            assert report == {"kind": kind, **counts, "total": total}
        shown = run_notebook(spark, "query", layout).shown

    both_days = clean(spark, layout, "pin", since=begun)
    assert {name: both_days[name] for name in both_days["total"]} == both_days["total"]

    text = Path(layout.results_document()).read_text(encoding="utf-8")
    results = json.loads(text)
    expected = json.loads(json.dumps(answers(*tables.values())))
    # Compared as text too: 5 and 5.0 are equal numbers, and one of them only is how a whole median is written.
    whole = {
        name: [{k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in row.items()} for row in rows]
        for name, rows in expected.items()
    }
    assert results == whole
    assert text == json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
    assert all(results.values())
    assert any(row["median_follower_count"] != int(row["median_follower_count"]) for row in results["8"])
    for name, frame in zip(QUERIES, shown, strict=True):
        assert [row.asDict() for row in frame.collect()] == results[name]
    written = spark.read.format("delta").load(layout.result("8"))
    assert [row.asDict() for row in written.collect()] == results["8"]


def test_the_queries_need_the_cleaned_tables(spark: SparkSession, layout: Layout) -> None:
    with pytest.raises(
        MissingTableError, match=r"no table at .*/tables/batch/pin: run the notebook clean with kind pin"
    ):
        run_notebook(spark, "query", layout)
