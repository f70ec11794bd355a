"""The daily run: Airflow has Databricks run the batch job, waits for it, and then judges what it did.

The job's id and the connection to Databricks come from Airflow's secrets backend and are read when a task runs; what
the file must know to be loaded stands in `pinterest_dag_settings.json` beside it. Loads in Airflow 2.11 and 3.0 alike.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.exceptions import AirflowFailException
from airflow.providers.amazon.aws.notifications.sns import SnsNotifier
from airflow.providers.databricks.hooks.databricks import DatabricksHook

from pinterest_job import RunBatchJob, counted_since, start_token
from pinterest_quality import faults_of, outputs_of
from pinterest_settings import Settings, read_settings

if TYPE_CHECKING:
    from airflow.sdk import DAG, task
else:
    try:
        from airflow.sdk import DAG, task
    except ImportError:
        from airflow import DAG
        from airflow.decorators import task

CONNECTION = "databricks_default"

# The job's own limit is four hours; a run that waits in the job's queue may take longer.
JOB_TIMEOUT = timedelta(hours=6)
RETRIES = 2
LONGEST_RETRY_DELAY = timedelta(minutes=30)
# Above what all tries may take together, so that a task fails of its own limit first, with a notice.
RUN_TIMEOUT = timedelta(hours=22)


def failure_notices(settings: Settings) -> list[SnsNotifier]:
    """What is told where when a task has failed for good; nothing where no topic is configured."""
    if settings.failure_topic_arn is None:
        return []
    return [
        SnsNotifier(
            aws_conn_id=None,
            region_name=settings.region,
            target_arn=settings.failure_topic_arn,
            subject="{{ dag.dag_id }} failed",
            # In Airflow 3.0 a notice is not told of the exception.
            message=(
                "Task {{ ti.task_id }} of {{ dag.dag_id }}, run {{ run_id }}, failed: "
                "{{ exception | default('see its log') }}"
            ),
        )
    ]


def daily_run(settings: Settings) -> DAG:
    """The DAG, as the settings have it."""
    with DAG(
        dag_id=f"{settings.user_id}_dag",
        description="Runs the batch job on Databricks, and checks its counts",
        schedule="@daily",
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=RUN_TIMEOUT,
        tags=["pinterest", settings.user_id],
        user_defined_macros={"counted_since": counted_since, "start_token": start_token},
        default_args={
            "retries": RETRIES,
            "retry_delay": timedelta(seconds=settings.retry_delay_seconds),
            "retry_exponential_backoff": True,
            "max_retry_delay": LONGEST_RETRY_DELAY,
            "on_failure_callback": failure_notices(settings),
        },
    ) as dag:
        run_batch_job = RunBatchJob(
            task_id="run_batch_job",
            databricks_conn_id=CONNECTION,
            json={
                "job_id": "{{ var.value.databricks_batch_job_id }}",
                "notebook_params": {"since": "{{ counted_since(dag_run) }}"},
                "idempotency_token": "{{ start_token(var.value.databricks_batch_job_id, run_id, ti.try_number) }}",
            },
            deferrable=True,
            polling_period_seconds=settings.poll_seconds,
            execution_timeout=JOB_TIMEOUT,
        )

        @task(execution_timeout=timedelta(minutes=10))
        def check_quality(job_run: int) -> dict[str, Any]:
            """Fails the run, without another try, where rows are lost or too many were refused."""
            hook = DatabricksHook(CONNECTION)
            outputs = outputs_of(hook.get_run(job_run), hook.get_run_output)
            faults = faults_of(outputs, settings.quarantine_limit_percent)
            if faults:
                raise AirflowFailException("; ".join(faults))
            return {"job_run": job_run, "outputs": outputs}

        check_quality(run_batch_job.output["run_id"])
    return dag


dag = daily_run(read_settings(Path(__file__).with_name("pinterest_dag_settings.json")))
