"""Writes into a folder what the S3 sink writes into a bucket, and lists it as `dbutils.fs` does."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pinterest.layout import Layout

Row = Mapping[str, object]


def put_object(layout: Layout, kind: str, rows: Iterable[Row | str], *, offset: int = 0, partition: int = 0) -> Path:
    """Writes one object of a topic, one document a line; a text is a line as it is.

    Returns:
        The object's file.
    """
    topic = f"{layout.user_id}.{kind}"
    folder = Path(layout.source(kind)) / f"partition={partition}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{topic}+{partition}+{offset:010d}.json"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def list_folder(folder: str) -> list[str]:
    """The entries of a folder; there must be one."""
    return [entry.name for entry in Path(folder).iterdir()]
