"""Runs the one DAG of the DAG folder to its end, in this process, and tells how it ended as one line of JSON.

Usage: python run_dag.py DAGS_FOLDER. Airflow's settings are in the environment. Exit code 0 if the run ended, well
or not.
"""

import json
import sys
from pathlib import Path
from typing import Any

from airflow.models.dagbag import DagBag


def run_dag(folder: Path) -> dict[str, Any]:
    """How a run of the DAG ended.

    Raises:
        RuntimeError: if the folder's files cannot be loaded, or hold no DAG or several.
    """
    bag = DagBag(folder, include_examples=False)
    if bag.import_errors:
        raise RuntimeError(f"the DAG cannot be loaded: {bag.import_errors}")
    if len(bag.dags) != 1:
        raise RuntimeError(f"{folder} holds {len(bag.dags)} DAGs, not one")
    [dag] = bag.dags.values()
    run = dag.test()
    tasks = {instance.task_id: instance for instance in run.get_task_instances()}
    return {
        "dag": dag.dag_id,
        "state": str(run.state),
        "job": tasks["run_batch_job"].xcom_pull(task_ids="run_batch_job", key="run_id"),
        "tasks": {name: str(instance.state) for name, instance in tasks.items()},
    }


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    ended = run_dag(Path(sys.argv[1]))
    sys.stdout.write("\n" + json.dumps(ended) + "\n")
