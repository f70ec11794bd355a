"""What a start of the job is told."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.timetables.base import TimeRestriction

from pinterest_job import counted_since, start_token

MIDNIGHT = datetime(2024, 1, 2, tzinfo=UTC)
DAY_BEFORE = datetime(2024, 1, 1, tzinfo=UTC)
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)


def test_a_scheduled_run_counts_from_when_it_was_due(load: Callable[..., Any]) -> None:
    dag = load()
    due = dag.timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(dag.start_date, None, catchup=True)
    )
    dag_run = SimpleNamespace(logical_date=due.logical_date, data_interval_end=due.data_interval.end)
    assert counted_since(dag_run) == due.run_after.isoformat()


@pytest.mark.parametrize(
    "dag_run",
    [
        # Airflow 2, scheduled a day after its logical date, then started by hand.
        SimpleNamespace(logical_date=DAY_BEFORE.replace(hour=12), data_interval_end=NOON),
        SimpleNamespace(logical_date=NOON, data_interval_end=MIDNIGHT),
        # Airflow 3, started by hand, for now, without a date, and for a date that is past.
        SimpleNamespace(logical_date=NOON, data_interval_end=NOON, run_after=NOON),
        SimpleNamespace(logical_date=None, data_interval_end=None, run_after=NOON),
        SimpleNamespace(logical_date=DAY_BEFORE, data_interval_end=DAY_BEFORE, run_after=NOON),
    ],
)
def test_a_run_counts_from_the_latest_of_its_times(dag_run: SimpleNamespace) -> None:
    assert counted_since(dag_run) == "2024-01-02T12:00:00+00:00"


def test_each_start_has_a_token_of_its_own_that_databricks_takes() -> None:
    starts = [
        (job_id, run_id, try_number)
        for job_id in ("801", "9223372036854775807")
        for run_id in ("scheduled__2024-01-01T00:00:00+00:00", "a" * 250, "b" + "a" * 249, "a" * 249 + "b")
        for try_number in (1, 11, 1000)
    ]
    tokens = [start_token(*start) for start in starts]
    assert len(set(tokens)) == len(starts)
    assert max(len(token) for token in tokens) <= 64
    assert [start_token(*start) for start in starts] == tokens
