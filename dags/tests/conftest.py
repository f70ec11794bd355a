"""Airflow with nothing but the DAG under test, its own database and services that stand in for AWS and Databricks."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from inspect import signature
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aws import Aws
from databricks import JOB_ID, TOKEN, Databricks
from stand_in import StandIn

DAGS = Path(__file__).parent.parent
PREFIX = "pinterest-0ea7b76ff169-test/airflow"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:failures"

# The modules under test, as the DAG folder on Airflow's path has them.
sys.path.insert(0, str(DAGS))

AWS = Aws()
_aws = StandIn(AWS)
_home = Path(tempfile.mkdtemp(prefix="airflow-"))

# Airflow reads its settings when it is first imported, which the tests do.
os.environ.update(
    AIRFLOW_HOME=str(_home),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__DAGS_FOLDER=str(_home / "dags"),
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{_home}/airflow.db",
    AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS="False",
    AIRFLOW__SECRETS__BACKEND="airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
    AIRFLOW__SECRETS__BACKEND_KWARGS=json.dumps(
        {"connections_prefix": f"{PREFIX}/connections", "variables_prefix": f"{PREFIX}/variables"}
    ),
    AWS_ENDPOINT_URL=_aws.url,
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="eu-west-1",
    NO_PROXY="127.0.0.1",
)


def pytest_unconfigure() -> None:
    _aws.close()
    shutil.rmtree(_home)


@pytest.fixture(scope="session")
def database() -> None:
    """Airflow's tables, made once."""
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture
def aws() -> Aws:
    """Secrets Manager and SNS, as if new."""
    AWS.secrets.clear()
    AWS.notices.clear()
    return AWS


@pytest.fixture
def databricks(aws: Aws) -> Iterator[Databricks]:
    """A workspace that Airflow's connection leads to."""
    workspace = Databricks()
    with StandIn(workspace) as server:
        connect(aws, server.port)
        yield workspace


def connect(aws: Aws, port: int) -> None:
    """Puts into Secrets Manager what the component puts there, for a workspace at the port."""
    aws.secrets[f"{PREFIX}/connections/databricks_default"] = json.dumps(
        {"conn_type": "databricks", "host": "127.0.0.1", "port": port, "schema": "http", "password": TOKEN}
    )
    aws.secrets[f"{PREFIX}/variables/databricks_batch_job_id"] = str(JOB_ID)


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Loads the DAG as Airflow does, from a folder as it is deployed, with settings other than the usual ones."""
    from airflow.models.dagbag import DagBag

    def loaded(**changed: object) -> Any:
        settings = {
            "userId": "0ea7b76ff169",
            "region": "eu-west-1",
            "failureTopicArn": None,
            "quarantineLimitPercent": 5,
            "retryDelaySeconds": 0,
            "pollSeconds": 1,
            **changed,
        }
        for file in DAGS.glob("*.py"):
            shutil.copy(file, tmp_path)
        # Airflow has the DAG folder on its path.
        monkeypatch.syspath_prepend(tmp_path)
        (tmp_path / "pinterest_dag_settings.json").write_text(json.dumps(settings))
        bag = DagBag(tmp_path, include_examples=False)
        assert bag.import_errors == {}
        [dag] = bag.dags.values()
        return dag

    return loaded


@dataclass(frozen=True)
class Ended:
    """How a run of the DAG ended: its state, and the state and number of tries of each task."""

    state: str
    tasks: dict[str, tuple[str, int]]


_days = count()


@pytest.fixture
def run(database: None) -> Callable[..., Ended]:
    """Runs a DAG to its end, in this process, retries and deferral included.

    A run that is not dated has no date in Airflow 3, and in Airflow 2 that of its start.
    """

    def ran(dag: Any, *, dated: bool = True) -> Ended:
        day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=next(_days))
        # Airflow 2 calls the logical date by its older name.
        date = "logical_date" if "logical_date" in signature(dag.test).parameters else "execution_date"
        ended = dag.test(**{date: day if dated else None})
        tasks = {ti.task_id: (str(ti.state), ti.try_number) for ti in ended.get_task_instances()}
        return Ended(str(ended.state), tasks)

    return ran
