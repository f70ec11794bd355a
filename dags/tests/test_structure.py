"""What the DAG is, before any run of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.exceptions import TaskDeferred
from airflow.triggers.testing import SuccessTrigger
from conftest import TOPIC

from pinterest_settings import SettingsError, read_settings


def test_runs_daily_one_at_a_time_and_makes_up_for_nothing(load: Callable[..., Any]) -> None:
    dag = load()
    assert dag.dag_id == "0ea7b76ff169_dag"
    assert dag.timetable.summary in ("@daily", "0 0 * * *")
    assert dag.catchup is False
    assert dag.max_active_runs == 1


def test_runs_the_job_and_then_judges_it(load: Callable[..., Any]) -> None:
    dag = load()
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "run_batch_job": {"check_quality"},
        "check_quality": set(),
    }
    job = dag.get_task("run_batch_job")
    assert job.deferrable is True
    assert job.databricks_conn_id == "databricks_default"
    assert job.json["job_id"] == "{{ var.value.databricks_batch_job_id }}"


def test_tries_again_later_and_later_within_limits(load: Callable[..., Any]) -> None:
    dag = load(retryDelaySeconds=300)
    longest = timedelta()
    for task in dag.tasks:
        assert task.retries == 2
        assert task.retry_delay == timedelta(minutes=5)
        assert task.retry_exponential_backoff
        assert task.execution_timeout > timedelta()
        longest += (task.retries + 1) * task.execution_timeout + task.retries * task.max_retry_delay
    # Else the run would be ended without a task that fails, and so without a notice.
    assert dag.dagrun_timeout > longest


def test_tells_of_failures_only_where_a_topic_is_configured(load: Callable[..., Any]) -> None:
    assert not load().get_task("run_batch_job").on_failure_callback
    [notice] = load(failureTopicArn=TOPIC).get_task("run_batch_job").on_failure_callback
    assert notice.target_arn == TOPIC


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "cannot be read"),
        ("[]", "one JSON object"),
        ("{}", "userId must be a text"),
        ('{"userId": "a", "region": "r", "failureTopicArn": 1}', "failureTopicArn must be a text or null"),
        ('{"userId": "a", "region": "r", "quarantineLimitPercent": -1}', "quarantineLimitPercent must be a number"),
        ('{"userId": "a", "region": "r", "quarantineLimitPercent": true}', "quarantineLimitPercent must be a number"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_name(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "pinterest_dag_settings.json"
    file.write_text(text)
    with pytest.raises(SettingsError, match=f"pinterest_dag_settings.json.*{fault}"):
        read_settings(file)


def test_missing_settings_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / "settings.json")


def test_waits_no_longer_than_a_try_may_take(load: Callable[..., Any]) -> None:
    job = load().get_task("run_batch_job")
    with pytest.raises(TaskDeferred) as deferred:
        job.defer(trigger=SuccessTrigger(), method_name="execute_complete")
    assert deferred.value.timeout == job.execution_timeout
