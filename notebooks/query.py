# Databricks notebook source
# MAGIC %md
# MAGIC # Answer the questions about the posts
# MAGIC
# MAGIC Adds what the cleaned tables got since the last run to the facts that the questions ask about
# MAGIC (`pinterest/kept_facts.py`), and writes each answer as a Delta table, and all of them as one JSON document.
# MAGIC How ties, medians, missing values and ages are settled: see `pinterest/queries.py`.

# COMMAND ----------

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pinterest.kept_facts import keep_up
from pinterest.layout import Layout
from pinterest.queries import QUERIES
from pinterest.results import Answer, answer, as_frame, document, write_table
from pinterest.session import prepare
from pyspark.sql import DataFrame

if TYPE_CHECKING:
    from pinterest.notebook_globals import dbutils, display, spark

# COMMAND ----------

dbutils.widgets.text("user_id", "")
dbutils.widgets.text("mount_point", "")
dbutils.widgets.text("topics_directory", "topics")

layout = Layout(
    mount_point=dbutils.widgets.get("mount_point"),
    user_id=dbutils.widgets.get("user_id"),
    topics_directory=dbutils.widgets.get("topics_directory"),
)

# COMMAND ----------

prepare(spark)
facts = keep_up(spark, layout)
# All of the queries read it.
facts.rows.persist()

# COMMAND ----------


def settle(name: str) -> tuple[Answer, DataFrame]:
    """Answers one question, and keeps the answer as a table."""
    result = QUERIES[name](facts)
    rows = answer(result)
    frame = as_frame(spark, rows, result)
    write_table(frame, layout.result(name))
    return rows, frame


# Each takes Spark longer to plan than to do.
with ThreadPoolExecutor() as pool:
    settled = dict(zip(QUERIES, pool.map(settle, QUERIES), strict=True))
for name, (_, frame) in settled.items():
    print(QUERIES[name].__doc__)
    display(frame)

# COMMAND ----------

dbutils.fs.put(layout.results_document(), document({name: rows for name, (rows, _) in settled.items()}), True)
facts.rows.unpersist()
