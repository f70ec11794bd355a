"""Cells of Databricks' source format."""

import pytest

from notebook_runner.source import NotebookError, read_cells

HEADER = "# Databricks notebook source\n"


def cells(text: str) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in read_cells(HEADER + text).cells]


def test_cells_are_parted_titled_and_told_apart() -> None:
    assert cells(
        "# MAGIC %md\n# MAGIC # Title\n# MAGIC\n# MAGIC text\n\n# COMMAND ----------\n\n"
        "# DBTITLE 1,Read, then count\n# a comment\nx = 1\n\nif x:\n    y = 2\n\n# COMMAND ----------\n\n"
        "# MAGIC %md one line\n\n# COMMAND ----------\n"
    ) == [
        ("markdown", "# Title\n\ntext"),
        ("markdown", "#### Read, then count"),
        ("code", "# a comment\nx = 1\n\nif x:\n    y = 2"),
        ("markdown", "one line"),
    ]


def test_a_separator_within_a_line_parts_nothing() -> None:
    assert cells('x = "# COMMAND ----------"\n# MAGIC in a comment\n') == [
        ("code", 'x = "# COMMAND ----------"\n# MAGIC in a comment')
    ]


def test_magic_of_python_sql_and_ipython() -> None:
    assert cells("# MAGIC %python\n# MAGIC x = 1\n") == [("code", "x = 1")]
    assert cells("# MAGIC %sql\n# MAGIC select 'a'\n# MAGIC from t\n") == [
        ("code", "display(spark.sql(\"select 'a'\\nfrom t\"))")
    ]
    assert cells("# MAGIC %load_ext autoreload\n# MAGIC %autoreload 2\n") == [
        ("code", "%load_ext autoreload\n%autoreload 2")
    ]


def test_lines_of_windows_and_a_byte_order_mark_change_nothing() -> None:
    text = ("\ufeff" + HEADER + "x = 1\n# COMMAND ----------\ny = 2\n").replace("\n", "\r\n")
    assert [cell.source for cell in read_cells(text).cells] == ["x = 1", "y = 2"]


@pytest.mark.parametrize("language", ["fs", "pip", "r", "run", "scala", "sh"])
def test_what_cannot_be_run_here_is_refused_and_named(language: str) -> None:
    with pytest.raises(NotebookError, match=f"cell 2 is of %{language}, which cannot be run here"):
        cells(f"x = 1\n# COMMAND ----------\n# MAGIC %{language}\n# MAGIC x\n")


def test_a_python_file_that_is_no_notebook_is_refused() -> None:
    with pytest.raises(NotebookError, match="this is no Databricks notebook"):
        read_cells("import os\n")
