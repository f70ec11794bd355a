"""Keeps the facts in a table, to which each run adds what the new rows bring: a day costs what it brought.

The table says of itself up to which versions of the cleaned tables it has counted, and by which definition of the
facts. Where these versions do not lead on to those of now (see `versions`), or the facts are defined otherwise now,
everything is counted anew.
"""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pinterest import facts as facts_module
from pinterest import schema as schema_module
from pinterest.facts import FACTS_SCHEMA, Facts, Tables, add, count
from pinterest.layout import Layout
from pinterest.tables import ensure_table, require_table
from pinterest.versions import Version, inserted, newest, rows_at

COUNTED = "counted"
"""The column with the definition and the versions, the same in each row."""
DEFINED_BY = (facts_module, schema_module)
"""All of this package that says what the facts are."""

Versions = Mapping[str, Version]


def keep_up(spark: SparkSession, layout: Layout) -> Facts:
    """The facts of the cleaned tables as they are now.

    Raises:
        MissingTableError: if there is no such table yet.
    """
    paths = {kind: layout.cleaned(kind) for kind in ("pin", "geo", "user")} | {"identities": layout.identities()}
    for kind, path in zip(("pin", "geo", "user", "user"), paths.values(), strict=True):
        require_table(spark, path, f"the notebook clean with kind {kind}")
    ensure_table(spark, layout.facts(), f"{FACTS_SCHEMA}, {COUNTED} string")
    kept = spark.read.format("delta").load(layout.facts())
    now = {name: newest(spark, path) for name, path in paths.items()}
    before = _read_versions(kept)
    if before != now:
        with ExitStack() as stack:

            def in_memory(rows: DataFrame) -> DataFrame:
                rows.persist()
                stack.callback(rows.unpersist)
                # Of rows that are there Spark knows how many they are, and so which side of a join to move.
                rows.count()
                return rows

            tables = Tables(**{name: rows_at(spark, path, now[name]) for name, path in paths.items()})
            new = _inserted(spark, paths, before, now)
            facts = add(Facts(kept.drop(COUNTED)), tables, new, in_memory) if new else count(tables, in_memory)
            _write(facts, now, layout.facts())
    return Facts(spark.read.format("delta").load(layout.facts()).drop(COUNTED))


def _inserted(spark: SparkSession, paths: Mapping[str, str], before: Versions | None, now: Versions) -> Tables | None:
    """The rows that came; none where not only rows came, or nothing was counted before."""
    if before is None:
        return None
    new = {name: inserted(spark, path, before[name], now[name]) for name, path in paths.items()}
    told = {name: rows for name, rows in new.items() if rows is not None}
    return Tables(**told) if len(told) == len(new) else None


def definition() -> str:
    """Tells by its text one definition of the facts from another; a comment's change costs a count, and no error."""
    texts = [Path(str(module.__file__)).read_bytes() for module in DEFINED_BY]
    return sha256(b"".join(texts)).hexdigest()


def _read_versions(kept: DataFrame) -> Versions | None:
    """What the kept facts have counted; none where there are no facts, or of another definition."""
    row = kept.select(COUNTED).first()
    counted = json.loads(row[COUNTED]) if row else {}
    if counted.get("definition") != definition():
        return None
    return {name: Version(**version) for name, version in counted["versions"].items()}


def _write(facts: Facts, versions: Versions, path: str) -> None:
    """Puts the facts in the place of those before, with what they have counted and how, in one commit."""
    of_each = {name: asdict(version) for name, version in versions.items()}
    counted = json.dumps({"definition": definition(), "versions": of_each})
    rows = facts.rows.withColumn(COUNTED, F.lit(counted))
    # Facts that are defined otherwise may have other columns.
    rows.coalesce(1).write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(path)
