"""What a start of the job is told."""

from pinterest_job import start_token


def test_each_start_has_a_token_of_its_own_that_databricks_takes() -> None:
    starts = [
        (job_id, run_id, try_number)
        for job_id in ("801", "9223372036854775807")
        for run_id in ("scheduled__2024-01-01T00:00:00+00:00", "a" * 250, "b" + "a" * 249, "a" * 249 + "b")
        for try_number in (1, 11, 1000)
    ]
    tokens = [start_token(*start) for start in starts]
    assert len(set(tokens)) == len(starts)
    assert max(len(token) for token in tokens) <= 64
    assert [start_token(*start) for start in starts] == tokens
