"""Reads Databricks' source format of a Python notebook into cells.

The format (Databricks' "source" export): a first line `# Databricks notebook source`, cells parted by
`# COMMAND ----------`, a title as `# DBTITLE 1,<title>`, and cells of another language with each line after `# MAGIC `,
the first of them naming the language, e.g. `%md`.
"""

import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HEADER = "# Databricks notebook source"
SEPARATOR = re.compile(r"^# COMMAND -{10}[ \t]*$", re.MULTILINE)
MAGIC = re.compile(r"^# MAGIC ?")
TITLE = re.compile(r"^# DBTITLE \d+,(?P<title>.*)$")
LANGUAGE = re.compile(r"^%(?P<language>[a-z]+)(?:[ \t]+|$)", re.MULTILINE)
# What Databricks runs elsewhere than in Python, or installs at run time; nothing here does.
UNSUPPORTED = frozenset({"fs", "pip", "r", "run", "scala", "sh"})


class NotebookError(Exception):
    """A notebook's text that cannot be read, or asks for what does not exist here."""


def read_cells(text: str) -> NotebookNode:
    """Splits a notebook's text into the cells of a Jupyter notebook.

    Raises:
        NotebookError: if it is no notebook, or a cell is in a language that cannot be run here.
    """
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != HEADER:
        raise NotebookError(f"this is no Databricks notebook: its first line is not '{HEADER}'")
    cells: list[Any] = []
    for number, source in enumerate(SEPARATOR.split("\n".join(lines[1:])), start=1):
        cells.extend(_cells(source.strip("\n").split("\n"), number))
    notebook: NotebookNode = new_notebook(cells=cells)
    return notebook


def _cells(lines: list[str], number: int) -> list[Any]:
    cells: list[Any] = []
    if title := TITLE.match(lines[0]):
        cells.append(new_markdown_cell(f"#### {title['title']}"))
        lines = lines[1:]
    if not any(line.strip() for line in lines):
        return cells
    if not all(MAGIC.match(line) for line in lines if line.strip()):
        return [*cells, new_code_cell("\n".join(lines))]
    body = "\n".join(MAGIC.sub("", line) for line in lines).strip("\n")
    magic = LANGUAGE.match(body)
    language = magic["language"] if magic else "python"
    if language in UNSUPPORTED:
        raise NotebookError(f"cell {number} is of %{language}, which cannot be run here")
    content = body[magic.end() :].strip("\n") if magic else body
    if language == "md":
        return [*cells, new_markdown_cell(content)]
    if language == "sql":
        return [*cells, new_code_cell(f"display(spark.sql({content!r}))")]
    # Any other line that begins with % is IPython's own, e.g. %load_ext.
    return [*cells, new_code_cell(content if language == "python" else body)]
