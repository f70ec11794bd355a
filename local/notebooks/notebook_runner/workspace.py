"""The Databricks workspace of this machine: minilake's APIs, with the jobs' notebooks executed on Spark here.

minilake 1.9.0 runs a notebook in a Docker container, or as a plain script without Spark. In their place stands a job
cluster as Databricks has it: one Spark driver for all tasks of a run that share it, started with the first of them and
stopped with the run. `runs/get-output` answers with the notebook's result, which minilake's own leaves out.

Usage: python -m notebook_runner.workspace --port PORT --settings FILE; the rest is set by minilake's own variables.
"""

import argparse
import asyncio
import logging
import time
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import Query
from fastapi.routing import APIRoute
from minilake.app import create_app
from minilake.errors import DatabricksError
from minilake.models.jobs import RunLifeCycleState, RunResultState, RunState, RunTaskInfo, Task
from minilake.services import jobs, workspace
from pydantic import BaseModel

from notebook_runner.cluster import Cluster, ClusterError
from notebook_runner.execution import Outcome, Work, execute, write_html
from notebook_runner.parameters import with_body_parameters
from notebook_runner.settings import Settings, read_settings
from notebook_runner.source import NotebookError, read_cells

LOGGER = logging.getLogger(__name__)


class Run:
    """One run of a job: its clusters, by the key that its tasks name them with."""

    def __init__(self, run_id: int, settings: Settings) -> None:
        """Starts no cluster yet."""
        self.settings = settings
        self.record: dict[str, Any] = jobs._state["runs"][run_id]
        self._clusters: dict[str, Cluster] = {}
        self._starts: dict[str, asyncio.Task[None]] = {}

    async def cluster(self, task: Task) -> Cluster:
        """The task's cluster, started with the first task that asks for it; a start that failed, failed for all."""
        key: str | None = _unmodelled(task).get("job_cluster_key")
        name = key or f"task {task.task_key}"
        if name not in self._clusters:
            cluster = self._clusters[name] = Cluster(self.settings, self._spark_conf(task, key))
            self._starts[name] = asyncio.create_task(asyncio.to_thread(cluster.start))
        await self._starts[name]
        return self._clusters[name]

    def _spark_conf(self, task: Task, key: str | None) -> dict[str, str]:
        """The Spark settings that the job declares for the cluster."""
        if key is None:
            return dict(_unmodelled(task.new_cluster).get("spark_conf") or {})
        job = jobs._state["jobs"].get(self.record["job_id"])
        for cluster in (job["settings"].get("job_clusters") or []) if job else []:
            if cluster["job_cluster_key"] == key:
                return dict(cluster.get("new_cluster", {}).get("spark_conf") or {})
        raise ClusterError(f"the job declares no cluster {key}, which task {task.task_key} names")

    def page(self, task: Task) -> Path:
        """Where the task's executed notebook is kept."""
        return self.settings.directory / "notebooks" / f"{self.record['run_id']}-{task.task_key}.html"

    async def stop(self) -> None:
        """Stops all clusters."""
        for cluster in self._clusters.values():
            await asyncio.to_thread(cluster.stop)


class Runner:
    """Executes the runs of minilake's jobs, one run at a time: the machine has room for one driver."""

    def __init__(self, settings_file: Path) -> None:
        """Reads the settings anew for each run."""
        self._settings_file = settings_file
        self._execute_run = jobs._execute_run
        self._execute_task = jobs._execute_task
        self._running = asyncio.Lock()
        self._run: ContextVar[Run] = ContextVar("run")

    def install(self) -> None:
        """Takes the place of minilake's own executor."""
        jobs._execute_run = self.execute_run
        jobs._execute_task = self.execute_task
        jobs.router.routes.insert(0, APIRoute("/api/2.2/jobs/runs/get-output", get_output, methods=["GET"]))

    async def execute_run(self, run_id: int, argv: list[str]) -> None:
        """Executes all tasks of a run in the order that they depend on each other."""
        async with self._running:
            run = Run(run_id, read_settings(self._settings_file))
            self._run.set(run)
            try:
                await self._execute_run(run_id, argv)
            except Exception as error:
                LOGGER.exception("run %s failed", run_id)
                run.record["state"] = RunState(
                    life_cycle_state=RunLifeCycleState.INTERNAL_ERROR,
                    result_state=RunResultState.FAILED,
                    state_message=str(error),
                ).model_dump()
            finally:
                await run.stop()

    async def execute_task(self, task: Task, argv: list[str]) -> RunTaskInfo:
        """Executes a notebook task here; any other kind is minilake's."""
        if task.notebook_task is None:
            return await self._execute_task(task, argv)
        run = self._run.get()
        info = RunTaskInfo(
            task_key=task.task_key,
            run_id=jobs._next_run_id(),
            notebook_task=task.notebook_task,
            start_time=_milliseconds(),
            state=RunState(life_cycle_state=RunLifeCycleState.RUNNING),
        )
        _announce(run, info)
        outcome, result_state = await self._outcome(run, task, argv)
        info.end_time = _milliseconds()
        info.state = RunState(
            life_cycle_state=RunLifeCycleState.TERMINATED, result_state=result_state, state_message=outcome.error
        )
        _announce(run, info)
        jobs._state.setdefault("task_outputs", {})[info.run_id] = {"logs": outcome.logs, "outcome": outcome}
        return info

    async def _outcome(self, run: Run, task: Task, argv: list[str]) -> tuple[Outcome, RunResultState]:
        try:
            file = _workspace_file(task)
            work = Work(
                notebook=read_cells(file.read_text(encoding="utf-8")),
                folder=file.parent,
                parameters=_parameters(task, argv),
                mounts=run.settings.mounts,
                timeout_seconds=task.timeout_seconds or None,
            )
            cluster = await run.cluster(task)
            outcome = await asyncio.to_thread(_execute, work, cluster, task.task_key, run.page(task))
        except TimeoutError:
            return Outcome(error=f"not done after {task.timeout_seconds} s"), RunResultState.TIMEDOUT
        except (ClusterError, DatabricksError, NotebookError, OSError) as error:
            return Outcome(error=str(error)), RunResultState.FAILED
        return outcome, RunResultState.SUCCESS if outcome.error is None else RunResultState.FAILED


def _execute(work: Work, cluster: Cluster, title: str, page: Path) -> Outcome:
    """Executes a notebook, and keeps it as a page however it ends."""
    try:
        with cluster.attached() as attachment:
            return execute(work, attachment)
    finally:
        write_html(work.notebook, title, page)


def _announce(run: Run, info: RunTaskInfo) -> None:
    """Lets `runs/get` tell of the task before the run has ended."""
    others = [task for task in run.record["tasks"] if task["task_key"] != info.task_key]
    run.record["tasks"] = [*others, info.model_dump(exclude_none=True)]


def _workspace_file(task: Task) -> Path:
    assert task.notebook_task is not None
    path = task.notebook_task.notebook_path
    file = workspace.resolve_workspace_path(path.removeprefix("/Workspace"))
    if not file.is_file():
        raise NotebookError(f"the workspace has no notebook {path}")
    return file


def _parameters(task: Task, argv: list[str]) -> dict[str, str]:
    """The task's parameters; those of the run, which minilake hands over as `key=value`, go first."""
    assert task.notebook_task is not None
    given = dict(argument.split("=", 1) for argument in argv if "=" in argument)
    return {**(task.notebook_task.base_parameters or {}), **given}


def _unmodelled(model: BaseModel | None) -> Mapping[str, Any]:
    """The fields that minilake accepts without knowing them."""
    return (model.model_extra if model else None) or {}


def _milliseconds() -> int:
    return int(time.time() * 1_000)


async def get_output(run_id: int = Query(...)) -> dict[str, Any]:
    """Jobs API 2.2 `runs/get-output`, with `notebook_output`, `error` and `error_trace`."""
    output = jobs._state.get("task_outputs", {}).get(run_id)
    if output is None or "outcome" not in output:
        return (await jobs.get_run_output(run_id)).model_dump(exclude_none=True)
    outcome: Outcome = output["outcome"]
    answer: dict[str, Any] = {"metadata": {"run_id": run_id}, "logs": outcome.logs, "logs_truncated": False}
    if outcome.error is not None:
        answer["error"] = outcome.error
        answer["error_trace"] = outcome.trace or ""
    else:
        answer["notebook_output"] = {"truncated": False}
        if outcome.result is not None:
            answer["notebook_output"]["result"] = outcome.result
    return answer


def main() -> None:
    """Serves the workspace on 127.0.0.1 until it is told to end."""
    parser = argparse.ArgumentParser(description="The Databricks workspace of this machine")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--settings", type=Path, required=True)
    arguments = parser.parse_args()
    Runner(arguments.settings).install()
    uvicorn.run(with_body_parameters(create_app()), host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
