"""What the local target tells the emulated workspace about this machine: one JSON file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ObjectStore:
    """The S3 that stands behind the mounts."""

    endpoint: str
    access_key_id: str
    secret_access_key: str
    region: str


@dataclass(frozen=True)
class Settings:
    """Where things are."""

    directory: Path
    """Files of this run: Spark's scratch space and log, the executed notebooks."""
    jars: Path
    """Folder of Delta, hadoop-aws and its AWS SDK modules."""
    store: ObjectStore
    mounts: Mapping[str, str]
    """Mount point, e.g. `/mnt/pinterest`, to URL, e.g. `s3a://bucket`."""


def read_settings(file: Path) -> Settings:
    """Reads the file anew: mounts are added while the workspace runs."""
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    store = content["store"]
    return Settings(
        directory=Path(content["directory"]),
        jars=Path(content["jars"]),
        store=ObjectStore(
            endpoint=store["endpoint"],
            access_key_id=store["accessKeyId"],
            secret_access_key=store["secretAccessKey"],
            region=store["region"],
        ),
        mounts=content["mounts"],
    )
