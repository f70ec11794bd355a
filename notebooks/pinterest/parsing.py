"""From a line of text to a row with the columns of its kind, or to the fault that keeps it from being one.

Spark's JSON reader is lenient: it takes a number for text, keeps the last of two equal keys, ignores what follows the
document, and gives null for what does not fit. So `from_json` reads the values, and what they were in the document is
checked on a variant, which keeps each value's own type.
"""

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pinterest.schema import ColumnType, Kind, SourceColumn
from pinterest.values import present, wall_clock

EXPECTED: Mapping[ColumnType, str] = {
    "int": "a 32-bit whole number",
    "double": "a finite number",
    "text": "text",
    "datetime": "a date and time",
}
NOT_JSON = "not one JSON document with distinct keys"
NOT_AN_OBJECT = "not a JSON object"


def parse(lines: DataFrame, kind: Kind, key_order: Sequence[str]) -> DataFrame:
    """Adds to lines (column `value`) the columns `row`, a struct of the kind's columns, and `fault`.

    `fault` is null where the row can be used, else it says what is wrong, each column's fault after the other. A column
    that is absent counts as null, except the key; one that the schema does not know is ignored.

    Args:
        lines: what to parse.
        kind: what they should hold.
        key_order: the columns' names in the order in which a line has them as a rule. Another order changes nothing but
            the time that it takes.
    """
    read = lines.withColumn("row", F.from_json("value", kind.json_schema)).withColumn(
        "plain", is_plain(kind, key_order)
    )
    unsettled = read.withColumn("unsettled", F.when(~F.col("plain"), F.col("value")))
    # A parser stops where the document ends and never sees what follows it. In brackets and in braces it does, unless
    # what follows begins by closing them, which no text does to both.
    wrapped = unsettled.withColumns(
        {
            "in_brackets": F.expr("try_parse_json(concat('[', unsettled, ']'))"),
            "in_braces": F.expr("""try_parse_json(concat('{"document":', unsettled, '}'))"""),
        }
    )
    types = {column.name: f"type_of_{column.name}" for column in kind.columns}
    typed = wrapped.withColumns(
        {
            "type_of_document": _type_in_document("$[0]"),
            **{alias: _type_in_document(f"$[0].{name}") for name, alias in types.items()},
        }
    )
    faults = [_fault(column, F.col(types[column.name]), is_key=column.name == kind.key) for column in kind.columns]
    malformed = F.col("in_brackets").isNull() | F.col("in_braces").isNull()
    fault = (
        F.when(F.col("plain"), F.lit(""))
        .when(malformed, F.lit(NOT_JSON))
        .when(~F.col("type_of_document").startswith("OBJECT"), F.lit(NOT_AN_OBJECT))
        .otherwise(F.concat_ws("; ", *faults))
    )
    return typed.select(*lines.columns, "row", F.when(fault != "", fault).alias("fault"))


def is_plain(kind: Kind, key_order: Sequence[str]) -> Column:
    """Whether the line needs no closer look, as is so of almost all: it is exactly what its row would be written as.

    Then it has each column once, of the right type, and nothing else.
    """
    row = F.struct(*(F.col(f"row.{name}") for name in key_order))
    plain = F.to_json(row, {"ignoreNullFields": "false"}) == F.col("value")
    for column in kind.columns:
        plain &= _is_usable(column.type, F.col(f"row.{column.name}"))
    return F.coalesce(plain, F.lit(False))


def _is_usable(type_in_schema: ColumnType, value: Column) -> Column:
    """Whether a value that is of the right type in the document, null too where that is text, is one to keep."""
    usable: Mapping[ColumnType, Column] = {
        "int": value.isNotNull(),
        # Not a number is larger than infinity to Spark.
        "double": F.abs(value) < float("inf"),
        "text": F.lit(True),
        "datetime": wall_clock(value).isNotNull() | present(value).isNull(),
    }
    return usable[type_in_schema]


def _type_in_document(path: str) -> Column:
    """The type that the value at the path has in the document itself; `VOID` for null and where there is none."""
    return F.expr(f"coalesce(schema_of_variant(try_variant_get(in_brackets, '{path}', 'variant')), 'VOID')")


def _fault(column: SourceColumn, type_in_document: Column, *, is_key: bool) -> Column:
    value = F.col(f"row.{column.name}")
    fits: Mapping[ColumnType, Column] = {
        "int": type_in_document == "BIGINT",
        "double": type_in_document.isin("BIGINT", "DOUBLE") | type_in_document.startswith("DECIMAL"),
        "text": type_in_document == "STRING",
        "datetime": type_in_document == "STRING",
    }
    # A value that is there and came out null did not fit its type: an int of eleven digits, say.
    unusable = value.isNull() | ~(fits[column.type] & _is_usable(column.type, value))
    absent = type_in_document == "VOID"
    fault = F.when(~absent & unusable, F.lit(f"{column.name} is not {EXPECTED[column.type]}"))
    return fault.when(absent, F.lit(f"{column.name} is missing")) if is_key else fault
