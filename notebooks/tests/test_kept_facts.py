"""The facts, kept up day by day, are what counting everything anew would give."""

import ast
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bucket import Row
from delta.tables import DeltaTable
from pinterest import facts, kept_facts
from pinterest.cleaning import clean, identities
from pinterest.facts import FACTS_SCHEMA, Facts, Tables, count
from pinterest.ingest import ensure_tables
from pinterest.kept_facts import DEFINED_BY, keep_up
from pinterest.layout import Layout
from pinterest.schema import columns, read_kind
from pinterest.tables import insert_new
from pyspark.sql import SparkSession
from rows import geo, pin, user

DAYS = 3
POSTS = 120
EVERY_KEY = (0, POSTS)
KINDS = {name: read_kind(name) for name in ("pin", "geo", "user")}


def rows_of(chance: random.Random, post: int) -> dict[str, Row]:
    """A post's rows, of few values, so that much is counted together and much ties."""
    year = chance.randint(2014, 2022)
    return {
        "pin": pin(
            post,
            category=chance.choice(["art", "travel", ""]),
            poster_name=chance.choice(["Ann", "Bob", "User Info Error"]),
            follower_count=chance.choice(["1", "2k", "3k", "User Info Error"]),
        ),
        "geo": geo(post, country=chance.choice(["Chad", "Peru", ""]), timestamp=f"{year}-06-01T00:00:00"),
        "user": user(
            post,
            first_name=chance.choice(["Mary Ann", "Mary", ""]),
            last_name=chance.choice(["Smith", "Ann Smith"]),
            age=chance.choice([17, 20, 30]),
            date_joined=f"{year}-01-01T00:00:00",
        ),
    }


def arrive(spark: SparkSession, layout: Layout, kind: str, rows: list[Row]) -> None:
    """Puts rows of a kind into their tables, as `ingest` does."""
    if not rows:
        return
    of_kind = KINDS[kind]
    values = [tuple(row.get(column.name) for column in of_kind.columns) for row in rows]
    source = spark.createDataFrame(values, of_kind.json_schema)
    if kind == "user":
        insert_new(identities(of_kind, source), layout.identities(), *EVERY_KEY)
    insert_new(clean(of_kind, source), layout.cleaned(kind), *EVERY_KEY)


def anew(spark: SparkSession, layout: Layout) -> list[tuple[object, ...]]:
    """The facts of the whole tables."""
    paths = {kind: layout.cleaned(kind) for kind in KINDS} | {"identities": layout.identities()}
    tables = Tables(**{name: spark.read.format("delta").load(path) for name, path in paths.items()})
    return sorted_rows(count(tables, lambda rows: rows))


def sorted_rows(counted: Facts) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in counted.rows.collect()), key=str)


@contextmanager
def counting_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object) -> Facts:
        raise AssertionError("everything was counted anew")

    with monkeypatch.context() as patched:
        patched.setattr(kept_facts, "count", fail)
        yield


def commits(path: str) -> int:
    return len(list((Path(path) / "_delta_log").glob("*.json")))


@pytest.fixture(scope="module")
def first_day(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A first day's posts, counted."""
    layout = Layout(mount_point=str(tmp_path_factory.mktemp("first_day")), user_id="0ea7b76ff169")
    for of_kind in KINDS.values():
        ensure_tables(spark, of_kind, layout)
    chance = random.Random(1)
    for kind in KINDS:
        arrive(spark, layout, kind, [rows_of(chance, post)[kind] for post in range(30)])
    keep_up(spark, layout)
    return layout


@pytest.fixture
def kept(first_day: Layout, layout: Layout) -> Layout:
    """A copy of the first day."""
    shutil.copytree(first_day.mount_point, layout.mount_point, dirs_exist_ok=True)
    return layout


def test_each_day_adds_what_it_brings(spark: SparkSession, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    for of_kind in KINDS.values():
        ensure_tables(spark, of_kind, layout)
    assert keep_up(spark, layout).rows.isEmpty()
    chance = random.Random(20240101)
    posts = [rows_of(chance, post) for post in range(POSTS)]
    # A post's rows come on days of their own, and some never.
    days = [{kind: chance.randint(0, DAYS) for kind in post} for post in posts]
    for day in range(DAYS):
        for kind in KINDS:
            came = [post[kind] for post, on in zip(posts, days, strict=True) if on[kind] == day]
            arrive(spark, layout, kind, came)
        if day == 0:
            counted = keep_up(spark, layout)
        else:
            with counting_nothing_anew(monkeypatch):
                counted = keep_up(spark, layout)
        assert sorted_rows(counted) == anew(spark, layout)
    assert {row[0] for row in sorted_rows(counted)} == {"places", "posters", "ages", "followers", "joined"}


def test_without_new_rows_nothing_is_written(
    spark: SparkSession, kept: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = commits(kept.facts())
    with counting_nothing_anew(monkeypatch):
        assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)
    assert commits(kept.facts()) == before


def test_one_kind_alone_may_bring_rows(spark: SparkSession, kept: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(spark, kept, "geo", [geo(40, country="Peru")])
    with counting_nothing_anew(monkeypatch):
        assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)
    arrive(spark, kept, "pin", [pin(40, category="art", follower_count="5M", poster_name="Eve")])
    with counting_nothing_anew(monkeypatch):
        counted = keep_up(spark, kept)
    assert sorted_rows(counted) == anew(spark, kept)
    assert ("Peru", "Eve", 5_000_000) in {tuple(row) for row in counted.posters.collect()}


def test_a_table_from_before_the_feed_is_counted_anew_until_the_feed_tells_of_it(
    spark: SparkSession, kept: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = "delta.enableChangeDataFeed"
    arrive(spark, kept, "pin", [pin(40)])
    spark.sql(f"ALTER TABLE delta.`{kept.cleaned('pin')}` UNSET TBLPROPERTIES ('{feed}')")
    assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)
    for post in (41, 42):
        arrive(spark, kept, "pin", [pin(post)])
        arrive(spark, kept, "geo", [geo(post)])
        assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)

    for of_kind in KINDS.values():
        ensure_tables(spark, of_kind, kept)
    arrive(spark, kept, "pin", [pin(43)])
    arrive(spark, kept, "geo", [geo(43)])
    with counting_nothing_anew(monkeypatch):
        assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)


def test_rows_moved_to_other_files_are_not_new(
    spark: SparkSession, kept: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(spark, kept, "pin", [pin(41)])
    DeltaTable.forPath(spark, kept.cleaned("pin")).optimize().executeCompaction()
    with counting_nothing_anew(monkeypatch):
        assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)


def test_rows_taken_away_are_no_longer_counted(spark: SparkSession, kept: Layout) -> None:
    DeltaTable.forPath(spark, kept.cleaned("pin")).delete("ind < 10")
    DeltaTable.forPath(spark, kept.identities()).delete("ind < 10")
    assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)


def test_another_table_at_the_same_path_is_counted_anew(spark: SparkSession, kept: Layout) -> None:
    path = Path(kept.cleaned("pin"))
    versions = commits(str(path))
    path.rename(path.with_name("lost"))
    ensure_tables(spark, KINDS["pin"], kept)
    for post in range(versions):
        arrive(spark, kept, "pin", [pin(post, category="new")])
    assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)


def test_facts_that_another_definition_counted_are_counted_anew(
    spark: SparkSession, kept: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        source = tmp_path / "older_facts.py"
        source.write_text(f"{Path(facts.__file__).read_text(encoding='utf-8')}\nOLDER = True\n", encoding="utf-8")
        older.setattr(facts, "__file__", str(source))
        older.setattr(facts, "AGE_GROUPS", {"all": (0, None)})
        older.setattr(facts, "FACTS_SCHEMA", f"{FACTS_SCHEMA}, older int")
        counted = keep_up(spark, kept)
        assert sorted_rows(counted) == anew(spark, kept)
        assert counted.rows.columns[-1] == "older"
        assert [row[0] for row in counted.ages.select("age_group").distinct().collect()] == ["all"]
    arrive(spark, kept, "user", [user(50)])
    counted = keep_up(spark, kept)
    assert counted.rows.columns == columns(FACTS_SCHEMA).names
    assert sorted_rows(counted) == anew(spark, kept)


def test_facts_from_before_definitions_were_told_are_counted_anew(spark: SparkSession, kept: Layout) -> None:
    path = kept.facts()
    spark.sql(f"""UPDATE delta.`{path}` SET number = 7, counted = get_json_object(counted, '$.versions')""")
    assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)


def test_what_defines_the_facts_is_all_of_the_package_that_they_use() -> None:
    known = {module.__name__ for module in DEFINED_BY}
    for module in DEFINED_BY:
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name for name in imported if name.startswith("pinterest")} <= known


def test_what_delta_s_log_no_longer_tells_is_counted_anew(spark: SparkSession, kept: Layout) -> None:
    path = kept.cleaned("pin")
    spark.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('delta.checkpointInterval' = '2')")
    for post in (50, 51):
        arrive(spark, kept, "pin", [pin(post)])
    log = Path(path) / "_delta_log"
    # What came before a checkpoint Delta may forget.
    assert list(log.glob(f"{4:020}.checkpoint.parquet"))
    for number in range(3):
        (log / f"{number:020}.json").unlink()
        (log / f".{number:020}.json.crc").unlink()
    assert sorted_rows(keep_up(spark, kept)) == anew(spark, kept)
