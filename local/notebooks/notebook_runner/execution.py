"""Executes one notebook on a cluster, cell by cell, and keeps it as HTML with all that it showed."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_output
from pygments.formatters.html import HtmlFormatter

from notebook_runner.cluster import Attachment
from notebook_runner.dbutils import NotebookExit

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; }
.cell, .output_area { margin: 0.75rem 0; }
.prompt, .anchor-link { display: none; }
.input_area { background: #f6f8fa; border: 1px solid #d1d9e0; border-radius: 6px; padding: 0.25rem 0.75rem; }
pre { font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.output_html { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { border: 1px solid #d1d9e0; padding: 0.2rem 0.6rem; text-align: left; }
"""
PACKAGES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Outcome:
    """How a notebook ended."""

    result: str | None = None
    """What it gave to `dbutils.notebook.exit`."""
    error: str | None = None
    """The fault in one line; None if it succeeded."""
    trace: str | None = None
    logs: str = ""
    """What its cells printed."""


class _Kernels(KernelSpecManager):
    """The one kind of kernel that there is: ours, in this Python."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "notebook_runner.kernel", "-f", "{connection_file}"],
            display_name=kernel_name,
            language="python",
        )


@dataclass(frozen=True)
class Work:
    """A notebook to be executed."""

    notebook: NotebookNode
    folder: Path
    """The notebook's own, its working directory."""
    parameters: Mapping[str, str]
    mounts: Mapping[str, str]
    timeout_seconds: int | None


def execute(work: Work, attachment: Attachment) -> Outcome:
    """Executes the notebook's cells until the end, an exit or a fault; their outputs are put into it.

    To be called from a thread other than the main one, where nbclient takes the handlers of SIGTERM and SIGINT for
    itself.

    Raises:
        TimeoutError: if it takes longer than allowed.
    """
    notebook = work.notebook
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_spec_manager=_Kernels()),
        timeout=None,
        startup_timeout=120,
        # A notebook that has ended leaves nothing to be saved, and kernels asked to end take seconds.
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(work.folder)}},
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(PACKAGES),
        "PYSPARK_GATEWAY_PORT": str(attachment.port),
        "PYSPARK_GATEWAY_SECRET": attachment.secret,
        "NOTEBOOK_PARAMETERS": json.dumps(dict(work.parameters)),
        "NOTEBOOK_MOUNTS": json.dumps(dict(work.mounts)),
    }

    async def run() -> None:
        async with asyncio.timeout(work.timeout_seconds):
            await client.async_execute(env=environment, cleanup_kc=True)

    try:
        asyncio.run(run())
    except CellExecutionError as error:
        if error.ename != NotebookExit.__name__:
            return Outcome(
                error=f"{error.ename}: {_plain(error.evalue)}", trace=_plain(error.traceback), logs=_printed(notebook)
            )
        _show_exit(notebook, error.evalue)
        return Outcome(result=error.evalue, logs=_printed(notebook))
    except (DeadKernelError, RuntimeError) as error:
        return Outcome(error=f"{type(error).__name__}: {error}", logs=_printed(notebook))
    return Outcome(logs=_printed(notebook))


def _plain(text: str) -> str:
    return COLOURS.sub("", text)


def _outputs(notebook: NotebookNode) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def _printed(notebook: NotebookNode) -> str:
    return "".join(output.text for output in _outputs(notebook) if output.output_type == "stream")


def _show_exit(notebook: NotebookNode, result: str) -> None:
    """Shows an exit as Databricks does, not as the exception that it is."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [
                new_output("stream", name="stdout", text=f"Notebook exited: {result}\n")
                if output.output_type == "error"
                else output
                for output in cell.outputs
            ]


def write_html(notebook: NotebookNode, title: str, file: Path) -> None:
    """Keeps an executed notebook as a page that needs no server, no network and no script."""
    cells, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{HtmlFormatter().get_style_defs('.highlight')}</style>\n"
        f"</head>\n<body>\n{cells}\n</body>\n</html>\n"
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, encoding="utf-8")
