"""The part of Databricks' `dbutils` that has a meaning on this machine: widgets, notebook, fs."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pyspark.sql import SparkSession


class NotebookExit(BaseException):
    """Ends the notebook; its text is the notebook's result. No `except Exception` may stop it."""


class FileInfo(NamedTuple):
    """One entry of a folder, as `dbutils.fs.ls` lists it."""

    path: str
    name: str
    size: int
    modificationTime: int  # milliseconds


class MountInfo(NamedTuple):
    """One mount, as `dbutils.fs.mounts` lists it."""

    mountPoint: str
    source: str


class Widgets:
    """Parameters of the notebook: those of the job's task, else the widget's default."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        """Takes the parameters of the task."""
        self._given = dict(parameters)
        self._defaults: dict[str, str] = {}

    def text(self, name: str, defaultValue: str, label: str | None = None) -> None:
        """Declares a parameter with its default."""
        del label
        self._defaults[name] = defaultValue

    def dropdown(self, name: str, defaultValue: str, choices: Sequence[str], label: str | None = None) -> None:
        """Declares a parameter with its default, one of the choices."""
        if defaultValue not in choices:
            raise ValueError(f"the default of widget {name}, {defaultValue}, is none of its choices")
        self.text(name, defaultValue, label)

    combobox = dropdown

    def multiselect(self, name: str, defaultValue: str, choices: Sequence[str], label: str | None = None) -> None:
        """Declares a parameter with its default, one of the choices; a value is a comma-joined list of them."""
        self.dropdown(name, defaultValue, choices, label)

    def get(self, name: str) -> str:
        """The parameter's value.

        Raises:
            ValueError: if it was neither given nor declared.
        """
        if name in self._given:
            return self._given[name]
        if name in self._defaults:
            return self._defaults[name]
        raise ValueError(f"No input widget named {name} is defined")

    def getAll(self) -> dict[str, str]:
        """All parameters with their values."""
        return {**self._defaults, **self._given}

    def remove(self, name: str) -> None:
        """Takes a declaration back."""
        self._defaults.pop(name, None)

    def removeAll(self) -> None:
        """Takes all declarations back."""
        self._defaults.clear()


class Notebook:
    """The notebook's own run."""

    def exit(self, value: str) -> None:
        """Ends the notebook with a result."""
        raise NotebookExit(str(value))


class FileSystem:
    """Files of `dbfs:`, mounts included."""

    def __init__(self, spark: SparkSession, mounts: Mapping[str, str]) -> None:
        """Takes the session whose Hadoop configuration knows the mounts."""
        # PySpark exposes Hadoop's file systems through its JVM gateway only.
        context: Any = spark.sparkContext
        self._jvm: Any = context._jvm
        self._configuration: Any = context._jsc.hadoopConfiguration()
        self._mounts = mounts

    def _open(self, path: str) -> tuple[Any, Any]:
        location = self._jvm.org.apache.hadoop.fs.Path(path)
        return location.getFileSystem(self._configuration), location

    def ls(self, dir: str) -> list[FileInfo]:
        """Entries of a folder; folders' names end with a slash."""
        system, location = self._open(dir)
        entries = []
        for status in system.listStatus(location):
            suffix = "/" if status.isDirectory() else ""
            path = status.getPath()
            entries.append(
                FileInfo(
                    path.toString() + suffix, path.getName() + suffix, status.getLen(), status.getModificationTime()
                )
            )
        return sorted(entries)

    def mkdirs(self, dir: str) -> bool:
        """Makes a folder and what it is in."""
        system, location = self._open(dir)
        return bool(system.mkdirs(location))

    def rm(self, dir: str, recurse: bool = False) -> bool:
        """Removes a file, or a folder with all in it; false if there is none."""
        system, location = self._open(dir)
        return bool(system.delete(location, recurse))

    def cp(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Copies a file, or a folder with all in it."""
        return self._copy(from_, to, recurse, delete=False)

    def mv(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Moves a file, or a folder with all in it."""
        return self._copy(from_, to, recurse, delete=True)

    def _copy(self, from_: str, to: str, recurse: bool, *, delete: bool) -> bool:
        system, source = self._open(from_)
        target_system, target = self._open(to)
        if system.getFileStatus(source).isDirectory() and not recurse:
            raise ValueError(f"{from_} is a folder: recurse=True copies it with all in it")
        copy = self._jvm.org.apache.hadoop.fs.FileUtil.copy
        return bool(copy(system, source, target_system, target, delete, self._configuration))

    def head(self, file: str, maxBytes: int = 65_536) -> str:
        """The beginning of a text file."""
        system, location = self._open(file)
        stream = system.open(location)
        try:
            return bytes(stream.readNBytes(maxBytes)).decode("utf-8", errors="replace")
        finally:
            stream.close()

    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Writes a text file."""
        system, location = self._open(file)
        stream = system.create(location, overwrite)
        try:
            stream.write(bytearray(contents.encode("utf-8")))
        finally:
            stream.close()
        return True

    def mounts(self) -> list[MountInfo]:
        """All mounts."""
        return [MountInfo(point, source) for point, source in sorted(self._mounts.items())]


class DBUtils:
    """What notebooks know as `dbutils`."""

    def __init__(self, spark: SparkSession, parameters: Mapping[str, str], mounts: Mapping[str, str]) -> None:
        """Takes the notebook's session, the parameters of its task and the mount table."""
        self.widgets = Widgets(parameters)
        self.notebook = Notebook()
        self.fs = FileSystem(spark, mounts)
