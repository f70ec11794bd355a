"""The operator that has Databricks run the batch job."""

from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

TRY = "try_number"


def counted_since(dag_run: Any) -> str:
    """The moment, as ISO text, from which on what is cleaned counts as the DAG run's: the same for each of its tries.

    For a scheduled run it is the end of its data interval, for one that was started by hand when it was.
    """
    # Airflow 2 knows no `run_after`; in Airflow 3 a run that was started by hand may have nothing else.
    moments = (dag_run.logical_date, dag_run.data_interval_end, getattr(dag_run, "run_after", None))
    latest: datetime = max(moment for moment in moments if moment is not None)
    return latest.isoformat()


def start_token(job_id: str, run_id: str, try_number: int) -> str:
    """Keeps a start that is asked for twice from being two; 64 characters at most.

    The DAG runs of two stacks have the same ids, and their jobs may be in one workspace.
    """
    return f"{job_id}-{uuid5(NAMESPACE_OID, run_id)}-{try_number}"


class RunBatchJob(DatabricksRunNowOperator):  # type: ignore[misc]
    """Runs a job and waits for it without a worker; each new try runs the job anew.

    Airflow 3.0 begins a new try of a task that had been deferred where the last try had left off: with the news of a
    job run that failed. So each try writes down that it began.
    """

    def defer(self, *, timeout: timedelta | None = None, **others: Any) -> None:
        """Waits no longer than a try may take, which Airflow 3.0 would let it."""
        super().defer(timeout=timeout or self.execution_timeout, **others)

    def execute(self, context: Any) -> None:
        """Starts the job, and waits for it in the triggerer."""
        context["ti"].xcom_push(key=TRY, value=context["ti"].try_number)
        super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any] | None = None) -> None:
        """Goes on once the job has ended; starts it if this try has not yet."""
        ti = context["ti"]
        if ti.xcom_pull(task_ids=self.task_id, key=TRY) != ti.try_number:
            self.execute(context)
        else:
            super().execute_complete(context, event)
