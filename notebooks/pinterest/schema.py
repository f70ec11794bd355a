"""Columns, types and missing markers of the source tables, as `schemas/posts.json` states them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pyspark.sql.types import DataType, DoubleType, IntegerType, StringType, StructField, StructType

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "schemas" / "posts.json"

KEY = "ind"
"""The post's number, in every cleaned table."""

ColumnType = Literal["int", "double", "text", "datetime"]

# A datetime travels as ISO text, which only the cleaning turns into a timestamp.
JSON_TYPES: Mapping[ColumnType, DataType] = {
    "int": IntegerType(),
    "double": DoubleType(),
    "text": StringType(),
    "datetime": StringType(),
}


class SchemaError(Exception):
    """A schema file that does not say what it must, or a kind that it does not know."""


@dataclass(frozen=True)
class SourceColumn:
    """One column of a source table."""

    name: str
    type: ColumnType
    missing: tuple[str, ...]
    """Texts that stand for a missing value, beside the empty and the blank one."""


@dataclass(frozen=True)
class Kind:
    """One kind of rows: `pin`, `geo` or `user`."""

    name: str
    key: str
    """The column that identifies the post; the cleaned tables call it `ind`."""
    columns: tuple[SourceColumn, ...]

    @property
    def json_schema(self) -> StructType:
        """What a JSON document of this kind is read with."""
        return StructType([StructField(column.name, JSON_TYPES[column.type]) for column in self.columns])

    def missing(self, column: str) -> tuple[str, ...]:
        """The missing markers of the column with that name."""
        return next(each.missing for each in self.columns if each.name == column)


def columns(ddl: str) -> StructType:
    """The columns that DDL states, e.g. `ind int, country string`."""
    parsed = StructType.fromDDL(ddl)
    assert isinstance(parsed, StructType)
    return parsed


def read_kind(name: str, file: Path = SCHEMA_FILE) -> Kind:
    """Reads what the schema file says of one kind.

    Raises:
        SchemaError: if the file has no such kind, or a column of an unknown type.
    """
    kinds = json.loads(file.read_text(encoding="utf-8"))["kinds"]
    if name not in kinds:
        raise SchemaError(f"there is no kind '{name}' in {file.name}; there are {', '.join(kinds)}")
    of_kind = tuple(
        SourceColumn(column["name"], column["type"], tuple(column.get("missing", ())))
        for column in kinds[name]["columns"]
    )
    for column in of_kind:
        if column.type not in get_args(ColumnType):
            raise SchemaError(f"{file.name}: column '{column.name}' of '{name}' has the unknown type '{column.type}'")
    return Kind(name, kinds[name]["key"], of_kind)
