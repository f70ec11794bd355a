"""The operator that has Databricks run the batch job."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

TRY = "try_number"


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
