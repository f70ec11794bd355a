"""What the daily run must know before any task runs, from the file that is deployed beside it."""

import json
from dataclasses import dataclass
from pathlib import Path


class SettingsError(Exception):
    """The settings cannot be used; the message names the file, the key and what it must be."""


@dataclass(frozen=True)
class Settings:
    """The settings, in the file in camel case."""

    user_id: str
    """The `<id>` in the names of topics and tables, and of the DAG."""
    region: str
    """AWS region of the failure topic."""
    failure_topic_arn: str | None
    """SNS topic that is told of a failed task; null for none."""
    quarantine_limit_percent: float
    """Share of a run's rows, in percent, that may be quarantined before the run counts as failed."""
    retry_delay_seconds: float
    """Seconds before the first new try of a task; each further one waits twice as long."""
    poll_seconds: int
    """Seconds from one look at the job's state to the next."""


def read_settings(file: Path) -> Settings:
    """The settings in the file.

    Raises:
        SettingsError: if the file is missing, is no JSON object, or a value is missing or of the wrong kind.
    """
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file.name} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{file.name} must hold one JSON object")
    topic = values.get("failureTopicArn")
    if topic is not None and not isinstance(topic, str):
        raise SettingsError(f"{file.name}: failureTopicArn must be a text or null")
    return Settings(
        user_id=_text(file, values, "userId"),
        region=_text(file, values, "region"),
        failure_topic_arn=topic,
        quarantine_limit_percent=_number(file, values, "quarantineLimitPercent"),
        retry_delay_seconds=_number(file, values, "retryDelaySeconds"),
        poll_seconds=int(_number(file, values, "pollSeconds")),
    )


def _text(file: Path, values: dict[str, object], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"{file.name}: {key} must be a text")
    return value


def _number(file: Path, values: dict[str, object], key: str) -> float:
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise SettingsError(f"{file.name}: {key} must be a number, 0 or more")
    return value
