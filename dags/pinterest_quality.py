"""Judges what a run of the batch job did, by the counts with which its clean tasks end (notebooks/clean.py)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

KINDS = ("pin", "geo", "user")
TASK_PREFIX = "clean_"


class OutputMissingError(Exception):
    """A clean task without the counts that it must end with."""


def outputs_of(run: Mapping[str, Any], output_of: Callable[[int], Mapping[str, Any]]) -> dict[str, Any]:
    """What each clean task of a job's run told at its end, by kind.

    Args:
        run: the run, as the Jobs API's `runs/get` tells of it.
        output_of: tells a task run's output by its id, as `runs/get-output` does.

    Raises:
        OutputMissingError: if a kind's clean task is not there, or told nothing.
    """
    # A task that was tried again stands there once for each attempt, the last of which decided.
    attempts = sorted(run.get("tasks", []), key=lambda attempt: attempt.get("attempt_number", 0))
    last = {attempt["task_key"]: attempt["run_id"] for attempt in attempts}
    outputs = {}
    for kind in KINDS:
        key = TASK_PREFIX + kind
        if key not in last:
            raise OutputMissingError(f"the run has no task {key}")
        told = output_of(last[key]).get("notebook_output", {}).get("result")
        if not told:
            raise OutputMissingError(f"the task {key} ended without its counts")
        outputs[kind] = json.loads(told)
    return outputs


def faults_of(outputs: Mapping[str, Any], quarantine_limit_percent: float) -> list[str]:
    """Why the run is not good enough; nothing where it is.

    Rows must add up, in this run and in all runs together: what was read is cleaned, a duplicate, or quarantined. And
    of this run's rows, those among them that a failed try cleaned, no larger share than the limit may be quarantined.
    """
    faults = []
    for kind, output in outputs.items():
        for what, counts in (("this run", output), ("all runs", output["total"])):
            accounted = counts["cleaned"] + counts["duplicates"] + counts["quarantined"]
            if accounted != counts["read"]:
                faults.append(f"{kind}: of {counts['read']} rows of {what} {accounted} are accounted for")
        if output["quarantined"] * 100 > quarantine_limit_percent * output["read"]:
            faults.append(
                f"{kind}: {output['quarantined']} of {output['read']} rows were quarantined, "
                f"more than {quarantine_limit_percent:g} %"
            )
    return faults
