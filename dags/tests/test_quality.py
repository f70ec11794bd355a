"""What is a fault in a run's counts."""

import pytest
from databricks import counts

from pinterest_quality import OutputMissingError, faults_of, outputs_of


def outputs(pin: dict[str, object]) -> dict[str, dict[str, object]]:
    return {"pin": pin, "geo": counts(), "user": counts()}


@pytest.mark.parametrize(
    "pin",
    [
        counts(),
        counts(read=0),
        counts(read=100, quarantined=5, duplicates=7),
    ],
)
def test_counts_that_add_up_are_good(pin: dict[str, object]) -> None:
    assert faults_of(outputs(pin), 5) == []


@pytest.mark.parametrize(
    ("pin", "fault"),
    [
        (counts(read=100, quarantined=6), "pin: 6 of 100 rows were quarantined, more than 5 %"),
        (counts(read=100, cleaned=99), "pin: of 100 rows of this run 99 are accounted for"),
        (
            counts(total={"read": 10, "cleaned": 8, "duplicates": 1, "quarantined": 0}),
            "pin: of 10 rows of all runs 9 are accounted for",
        ),
    ],
)
def test_each_fault_is_named(pin: dict[str, object], fault: str) -> None:
    assert faults_of(outputs(pin), 5) == [fault]


def test_a_run_without_a_kind_or_its_counts_is_refused() -> None:
    with pytest.raises(OutputMissingError, match="no task clean_pin"):
        outputs_of({"tasks": []}, lambda _: {})
    tasks = [{"task_key": f"clean_{kind}", "run_id": 1} for kind in ("pin", "geo", "user")]
    with pytest.raises(OutputMissingError, match="clean_pin ended without its counts"):
        outputs_of({"tasks": tasks}, lambda _: {})
