"""How the sink's objects are found, as far as no other test tells."""

import pytest
from pinterest.source import new_lines


class Reader:
    """Stands for a session and its stream reader, and keeps what it is asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}

    @property
    def readStream(self) -> "Reader":  # noqa: N802 — Spark's name
        return self

    def format(self, name: str) -> "Reader":
        return self.option("format", name)

    def option(self, name: str, value: str) -> "Reader":
        self.asked[name] = value
        return self

    def schema(self, _: str) -> "Reader":
        return self

    def load(self, folder: str) -> "Reader":
        return self.option("folder", folder)

    def select(self, *_: object) -> "Reader":
        return self


@pytest.mark.usefixtures("spark")
def test_on_databricks_an_object_that_is_written_again_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    reader = Reader()
    new_lines(reader, "/mnt/bucket/topics/0ea7b76ff169.pin")  # type: ignore[arg-type]
    assert reader.asked == {
        "format": "cloudFiles",
        "folder": "/mnt/bucket/topics/0ea7b76ff169.pin",
        "cloudFiles.format": "text",
        "cloudFiles.allowOverwrites": "true",
        "cloudFiles.partitionColumns": "",
        "lineSep": "\n",
    }
