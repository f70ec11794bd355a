"""Stands in for Databricks: the calls of its Jobs API 2.2 that the daily run makes, with faults on demand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stand_in import NoAnswer, as_json

JOB_ID = 801
TOKEN = "a token of the tests"
KINDS = ("geo", "pin", "user")
COUNTED = ("read", "cleaned", "duplicates", "quarantined")


def counts(read: int = 100, quarantined: int = 0, duplicates: int = 0, **other: object) -> dict[str, object]:
    """What a clean task tells at its end, as notebooks/clean.py does; unless told otherwise, its counts add up."""
    cleaned = read - quarantined - duplicates
    told = {"read": read, "cleaned": cleaned, "duplicates": duplicates, "quarantined": quarantined}
    return {**told, "total": told, "digest": f"{cleaned} rows", **other}


@dataclass
class Plan:
    """What becomes of one run of the job."""

    result: str = "SUCCESS"
    looks: int = 3
    """How often the run is seen going on before it is seen at its end; the operator defers after its third look."""
    outputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """What a kind's clean task counts, where that is not `counts()`."""
    failed_attempts: tuple[str, ...] = ()
    """Clean tasks whose first attempt failed, and with it told nothing."""


@dataclass
class Run:
    """One run of the job."""

    number: int
    token: str | None
    since: str | None
    """From when on what earlier runs counted is this run's too."""
    plan: Plan
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    seen: int = 0

    @property
    def ended(self) -> bool:
        return self.seen > self.plan.looks


class Databricks:
    """A workspace with one job.

    Its runs follow `plans`, one after the other, and once these are used up end well.
    """

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.runs: list[Run] = []
        self.unanswered_starts = 0
        """How many requests that start the job are carried out, but not answered."""
        self.refusals: list[int] = []
        """Statuses that the next requests are answered with, whatever they ask."""

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, str, str]:
        url = urlsplit(path)
        if self.refusals:
            return as_json(self.refusals.pop(0), {"error_code": "TEMPORARILY_UNAVAILABLE", "message": "try again"})
        if headers["Authorization"] != f"Bearer {TOKEN}":
            return as_json(403, {"error_code": "PERMISSION_DENIED", "message": "invalid access token"})
        match method, url.path:
            case "POST", "/api/2.2/jobs/run-now":
                return self._start(json.loads(body))
            case "GET", "/api/2.2/jobs/runs/get":
                return as_json(200, self._told(self._run(_run_id(url.query, body))))
            case "GET", "/api/2.2/jobs/runs/get-output":
                return self._output(_run_id(url.query, body))
        return as_json(404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"{method} {url.path}"})

    def _start(self, request: Mapping[str, Any]) -> tuple[int, str, str]:
        if str(request["job_id"]) != str(JOB_ID):
            return as_json(400, {"error_code": "INVALID_PARAMETER_VALUE", "message": f"no job {request['job_id']}"})
        token = request.get("idempotency_token")
        run = next((run for run in self.runs if token is not None and run.token == token), None)
        if run is None:
            plan = self.plans.pop(0) if self.plans else Plan()
            since = request.get("notebook_params", {}).get("since")
            run = Run(1000 * (len(self.runs) + 1), token, since, plan)
            self.runs.append(run)
        if self.unanswered_starts:
            self.unanswered_starts -= 1
            raise NoAnswer
        return as_json(200, {"run_id": run.number, "number_in_job": run.number})

    def _run(self, number: int) -> Run:
        return next(run for run in self.runs if run.number == number)

    def _told(self, run: Run) -> dict[str, object]:
        run.seen += 1
        return {
            "job_id": JOB_ID,
            "run_id": run.number,
            "run_page_url": f"https://workspace.example/jobs/{JOB_ID}/runs/{run.number}",
            "state": _state(run.plan.result if run.ended else None),
            "tasks": [task for place, kind in enumerate(KINDS) for task in self._attempts(run, place, kind)],
        }

    def _attempts(self, run: Run, place: int, kind: str) -> list[dict[str, object]]:
        key = f"clean_{kind}"
        results = ["FAILED", "SUCCESS"] if key in run.plan.failed_attempts else [run.plan.result]
        return [
            {
                "task_key": key,
                "run_id": run.number + 10 * (place + 1) + attempt,
                "attempt_number": attempt,
                "state": _state(result if run.ended else None),
            }
            for attempt, result in enumerate(results)
        ]

    def _counted(self, run: Run, kind: str) -> dict[str, object]:
        """A kind's counts of a run, and of those before it since the moment that it was told."""
        told = [
            other.plan.outputs.get(kind, counts())
            for other in self.runs
            if other is run or (run.since and datetime.fromisoformat(run.since) <= other.began <= run.began)
        ]
        return {**told[-1], **{name: sum(int(str(each[name])) for each in told) for name in COUNTED}}

    def _output(self, number: int) -> tuple[int, str, str]:
        run = next(run for run in self.runs if run.number == number // 1000 * 1000)
        tasks = [task for place, kind in enumerate(KINDS) for task in self._attempts(run, place, kind)]
        task = next(task for task in tasks if task["run_id"] == number)
        key = str(task["task_key"])
        if task["state"] != _state("SUCCESS"):
            return as_json(200, {"metadata": task, "error": f"{key}: the notebook failed", "notebook_output": {}})
        kind = key.removeprefix("clean_")
        told = {"kind": kind, **self._counted(run, kind)}
        return as_json(200, {"metadata": task, "notebook_output": {"result": json.dumps(told), "truncated": False}})


def _run_id(query: str, body: bytes) -> int:
    """The run that is asked about, in the query, or in the body, where Airflow's triggers put it."""
    return int(json.loads(body)["run_id"] if body else parse_qs(query)["run_id"][0])


def _state(result: str | None) -> dict[str, str]:
    if result is None:
        return {"life_cycle_state": "RUNNING", "state_message": "In run"}
    return {"life_cycle_state": "TERMINATED", "result_state": result, "state_message": ""}
