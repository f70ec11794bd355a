"""Where everything stands under the mount point."""

from dataclasses import dataclass
from typing import Literal


class LayoutError(Exception):
    """A parameter without which no path can be told."""


@dataclass(frozen=True)
class Layout:
    """Paths of one of the pipelines, from the parameters of the job."""

    mount_point: str
    """Where the bucket is: a mount, e.g. `/mnt/pinterest-0ea7b76ff169`, or a volume of Unity Catalog, `/Volumes/…`."""
    user_id: str
    """The `<id>` in the names of the topics."""
    topics_directory: str = "topics"
    """The sink's `topics.dir`."""
    pipeline: Literal["batch", "stream"] = "batch"
    """Whose tables and checkpoints they are."""

    def __post_init__(self) -> None:
        """Refuses an empty parameter, which would lead to another folder.

        Raises:
            LayoutError: naming the empty ones.
        """
        empty = [name for name, value in vars(self).items() if not value.strip("/ ")]
        if empty:
            raise LayoutError(f"no value for {', '.join(empty)}")

    def source(self, kind: str) -> str:
        """The folder of the sink's objects: one JSON document a line, in folders `partition=<n>`."""
        return f"{self.mount_point}/{self.topics_directory}/{self.user_id}.{kind}"

    def cleaned(self, kind: str) -> str:
        """The cleaned rows."""
        return self._table(kind)

    def quarantine(self, kind: str) -> str:
        """The rows that could not be parsed."""
        return self._table(f"quarantine_{kind}")

    def counts(self, kind: str) -> str:
        """What each batch brought."""
        return self._table(f"counts_{kind}")

    def arrivals(self, kind: str) -> str:
        """When each cleaned row arrived, and when it stood in its table; of the stream only."""
        return self._table(f"arrivals_{kind}")

    def identities(self) -> str:
        """What tells users apart: the cleaned table has their first and last names as one text only."""
        return self._table("user_identities")

    def facts(self) -> str:
        """What the questions ask about, counted."""
        return self._table("facts")

    def checkpoint(self, kind: str) -> str:
        """What was read already."""
        return f"{self.mount_point}/checkpoints/{self.pipeline}/{kind}"

    def result(self, query: str) -> str:
        """The answer of one query, as a table."""
        return f"{self.mount_point}/results/{query}"

    def results_document(self) -> str:
        """The answers of all queries, as one JSON document."""
        return f"{self.mount_point}/results/results.json"

    def _table(self, name: str) -> str:
        return f"{self.mount_point}/tables/{self.pipeline}/{name}"
