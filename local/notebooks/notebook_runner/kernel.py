"""The process of one notebook: a Jupyter kernel that is attached to the cluster.

The notebook finds `spark`, `sc`, `dbutils`, `display` and `displayHTML` in it, and its own folder as the working
directory, as on Databricks. The environment names the cluster's Py4J server (PYSPARK_GATEWAY_PORT,
PYSPARK_GATEWAY_SECRET) and, as JSON, the parameters of the task and the mounts (NOTEBOOK_PARAMETERS, NOTEBOOK_MOUNTS).
"""

import json
import os
import sys
from html import escape
from pathlib import Path

from ipykernel.kernelapp import IPKernelApp
from IPython.display import HTML
from IPython.display import display as show
from pyspark.conf import SparkConf
from pyspark.core.context import SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import DataFrame, SparkSession
from traitlets.config import Config

from kinesis_source import KinesisDataSource
from notebook_runner.dbutils import DBUtils

DISPLAYED_ROWS = 1_000


def attach() -> SparkSession:
    """The session that the cluster made for this notebook."""
    gateway = launch_gateway()
    session = gateway.entry_point
    java_context = gateway.jvm.JavaSparkContext.fromSparkContext(session.sparkContext())
    context = SparkContext(gateway=gateway, jsc=java_context, conf=SparkConf(_jconf=java_context.getConf()))
    # Python workers of this notebook import what lies beside it.
    context.environment["PYTHONPATH"] = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    spark = SparkSession(context, session)
    # Databricks' own source of that name is not open.
    spark.dataSource.register(KinesisDataSource)
    return spark


def display(value: object) -> None:
    """Shows a data frame as a table, its first 1,000 rows, and anything else as Jupyter would."""
    if not isinstance(value, DataFrame):
        show(value)
        return
    rows = value.limit(DISPLAYED_ROWS).collect()
    head = "".join(f"<th>{escape(column)}</th>" for column in value.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{'<i>null</i>' if cell is None else escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    show(HTML(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"))


def display_html(html: str) -> None:
    """Shows HTML as it is."""
    show(HTML(html))


def main() -> None:
    """Serves the notebook until its client ends it."""
    spark = attach()
    config = Config()
    config.HistoryManager.enabled = False
    kernel = IPKernelApp.instance(
        config=config,
        user_ns={
            "spark": spark,
            "sc": spark.sparkContext,
            "dbutils": DBUtils(
                spark, json.loads(os.environ["NOTEBOOK_PARAMETERS"]), json.loads(os.environ["NOTEBOOK_MOUNTS"])
            ),
            "display": display,
            "displayHTML": display_html,
        },
    )
    kernel.initialize(sys.argv[1:])
    kernel.start()


if __name__ == "__main__":
    main()
