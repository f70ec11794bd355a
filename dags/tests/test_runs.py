"""Whole runs of the DAG in Airflow, against services that stand in for AWS and Databricks."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aws import Aws
from conftest import TOPIC, Ended, connect
from databricks import KINDS, Databricks, Plan, counts
from stand_in import StandIn

Load = Callable[..., Any]
RunDag = Callable[..., Ended]

SUCCESS = Ended("success", {"run_batch_job": ("success", 1), "check_quality": ("success", 1)})


def test_success(load: Load, run: RunDag, databricks: Databricks) -> None:
    assert run(load()) == SUCCESS
    assert len(databricks.runs) == 1


def test_the_job_is_waited_for_without_a_worker(load: Load, run: RunDag, databricks: Databricks) -> None:
    databricks.plans = [Plan(looks=6)]
    assert run(load()) == SUCCESS
    assert databricks.runs[0].ended


def test_a_failing_job_fails_the_run_after_all_tries_and_is_told(
    load: Load, run: RunDag, databricks: Databricks, aws: Aws
) -> None:
    databricks.plans = [Plan("FAILED"), Plan("FAILED"), Plan("FAILED")]
    ended = run(load(failureTopicArn=TOPIC))
    assert ended.state == "failed"
    assert ended.tasks["run_batch_job"] == ("failed", 3)
    assert ended.tasks["check_quality"][0] == "upstream_failed"
    assert len(databricks.runs) == 3
    [notice] = aws.notices
    assert notice["TargetArn"] == TOPIC
    assert "run_batch_job" in notice["Message"]
    assert "0ea7b76ff169_dag" in notice["Subject"]


def test_a_job_that_fails_once_and_then_succeeds_is_no_failure(
    load: Load, run: RunDag, databricks: Databricks, aws: Aws
) -> None:
    databricks.plans = [Plan("FAILED"), Plan()]
    ended = run(load(failureTopicArn=TOPIC))
    assert ended == Ended("success", {"run_batch_job": ("success", 2), "check_quality": ("success", 1)})
    assert len({job_run.token for job_run in databricks.runs}) == 2
    assert aws.notices == []


def test_a_job_that_has_ended_by_the_first_look_is_judged_all_the_same(
    load: Load, run: RunDag, databricks: Databricks
) -> None:
    databricks.plans = [Plan("FAILED", looks=0), Plan(looks=0)]
    ended = run(load())
    assert ended == Ended("success", {"run_batch_job": ("success", 2), "check_quality": ("success", 1)})


def test_a_start_that_was_not_answered_starts_the_job_once(load: Load, run: RunDag, databricks: Databricks) -> None:
    databricks.unanswered_starts = 1
    assert run(load()) == SUCCESS
    assert len(databricks.runs) == 1


def test_an_unreachable_workspace_fails_the_run(load: Load, run: RunDag, aws: Aws) -> None:
    with StandIn(Databricks()) as server:
        port = server.port
    connect(aws, port)
    ended = run(load())
    assert ended.state == "failed"
    assert ended.tasks["run_batch_job"][0] == "failed"
    assert ended.tasks["check_quality"][0] == "upstream_failed"


def test_a_passing_outage_does_not(load: Load, run: RunDag, databricks: Databricks) -> None:
    databricks.refusals = [503, 503]
    assert run(load()) == SUCCESS


def test_bad_data_fails_the_run_at_once_and_is_told(load: Load, run: RunDag, databricks: Databricks, aws: Aws) -> None:
    databricks.plans = [Plan(outputs={"pin": counts(read=100, quarantined=6)})]
    ended = run(load(failureTopicArn=TOPIC))
    assert ended == Ended("failed", {"run_batch_job": ("success", 1), "check_quality": ("failed", 1)})
    assert len(databricks.runs) == 1
    [notice] = aws.notices
    assert "check_quality" in notice["Message"]


def test_as_many_quarantined_rows_as_the_limit_says_pass(load: Load, run: RunDag, databricks: Databricks) -> None:
    databricks.plans = [Plan(outputs={"user": counts(read=100, quarantined=5)})]
    assert run(load()) == SUCCESS


def test_of_a_task_that_was_tried_again_the_last_attempt_tells_what_all_of_them_did(
    load: Load, run: RunDag, databricks: Databricks
) -> None:
    databricks.plans = [Plan(failed_attempts=("clean_geo",))]
    assert run(load()) == SUCCESS
    # Databricks hands the same parameters to each attempt.
    assert databricks.runs[0].since is not None


def test_what_a_failed_try_cleaned_is_judged_though_the_next_finds_nothing_new(
    load: Load, run: RunDag, databricks: Databricks
) -> None:
    nothing = {kind: counts(read=0) for kind in KINDS}
    databricks.plans = [Plan("FAILED", outputs={**nothing, "pin": counts(quarantined=60)}), Plan(outputs=nothing)]
    ended = run(load())
    assert ended == Ended("failed", {"run_batch_job": ("success", 2), "check_quality": ("failed", 1)})
    assert len({job_run.since for job_run in databricks.runs}) == 1


def test_a_run_of_no_date_counts_from_its_start(load: Load, run: RunDag, databricks: Databricks) -> None:
    dag = load()
    begun = datetime.now(UTC)
    assert run(dag, dated=False) == SUCCESS
    [job_run] = databricks.runs
    assert begun <= datetime.fromisoformat(str(job_run.since)) <= job_run.began
