"""The source's options: names and meanings are those of Databricks' source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kinesis_source.offsets import TRIM_HORIZON, Position, at_timestamp

MOST_RECORDS_PER_FETCH = 10_000
"""What one call of Kinesis answers with at most."""

MOST_RECORDS_PER_BATCH = 100_000
"""Ten calls' worth: a batch costs seconds, however little is in it."""

# The default is Databricks' own. A zone is an offset from UTC, or UTC itself.
TIMESTAMP_FORMAT = "MM/dd/yyyy HH:mm:ss ZZZ"
TIMESTAMP_FIELDS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "ZZZ": "%z"}


class OptionError(ValueError):
    """An option that is missing or says nothing that the source understands."""


@dataclass(frozen=True)
class Options:
    """Options of one read. Those of Databricks that are not among them change nothing here."""

    stream_name: str
    initial_position: Position | None
    """Where a new query begins; none: with what arrives from then on."""
    region: str | None
    """Default: that of the environment."""
    endpoint: str | None
    """URL of the service. Default: that of the environment, else AWS's own."""
    access_key: str | None
    secret_key: str | None
    """Both: default those of the environment, an instance's profile among them."""
    batch_records: int
    """Of one batch at most, over all shards: `maxRecordsPerFetch` where it is given. Default 100,000."""


def read_options(given: Mapping[str, str]) -> Options:
    """Reads the options, whose names are the same in any case.

    Raises:
        OptionError: naming the option that is at fault.
    """
    options = {name.lower(): value for name, value in given.items()}
    stream_name = options.get("streamname", "")
    if not stream_name or "," in stream_name:
        raise OptionError(f"streamName must name one stream, and is '{stream_name}'")
    access_key, secret_key = options.get("awsaccesskey"), options.get("awssecretkey")
    if (access_key is None) != (secret_key is None):
        raise OptionError("awsAccessKey and awsSecretKey must be given both, or neither")
    return Options(
        stream_name=stream_name,
        initial_position=_initial_position(options.get("initialposition", "latest")),
        region=options.get("region"),
        endpoint=options.get("endpoint"),
        access_key=access_key,
        secret_key=secret_key,
        batch_records=_records(options.get("maxrecordsperfetch")),
    )


def _records(text: str | None) -> int:
    if text is None:
        return MOST_RECORDS_PER_BATCH
    if not text.isdecimal() or not 1 <= int(text) <= MOST_RECORDS_PER_FETCH:
        raise OptionError(f"maxRecordsPerFetch must be 1 to {MOST_RECORDS_PER_FETCH}, and is '{text}'")
    return int(text)


def _initial_position(text: str) -> Position | None:
    name = text.strip().lower()
    if name == "latest":
        return None
    if name in ("earliest", "trim_horizon"):
        return TRIM_HORIZON
    try:
        document = json.loads(text)
        return at_timestamp(_seconds(document["at_timestamp"], document.get("format", TIMESTAMP_FORMAT)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise OptionError(
            "initialPosition must be latest, earliest, trim_horizon or "
            f'{{"at_timestamp": "06/25/2020 10:23:45 +0000", "format": "{TIMESTAMP_FORMAT}"}}, and is \'{text}\''
        ) from error


def _seconds(text: str, pattern: str) -> float:
    for field, directive in TIMESTAMP_FIELDS.items():
        pattern = pattern.replace(field, directive)
    time = datetime.strptime(text.replace("UTC", "+0000"), pattern)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
