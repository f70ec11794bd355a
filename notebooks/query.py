# Databricks notebook source
# MAGIC %md
# MAGIC # Answer the questions about the posts
# MAGIC
# MAGIC Reads the three cleaned tables and writes each answer as a Delta table, and all of them as one JSON document.
# MAGIC How ties, medians, missing values and ages are settled: see `pinterest/queries.py`.

# COMMAND ----------

from typing import TYPE_CHECKING

from pinterest.layout import Layout
from pinterest.queries import QUERIES, combine
from pinterest.results import answer, as_frame, document, write_table
from pinterest.session import prepare
from pinterest.tables import read_table

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
frames = combine(
    pin=read_table(spark, layout.cleaned("pin"), "the notebook clean with kind pin"),
    geo=read_table(spark, layout.cleaned("geo"), "the notebook clean with kind geo"),
    user=read_table(spark, layout.cleaned("user"), "the notebook clean with kind user"),
    names=read_table(spark, layout.names(), "the notebook clean with kind user"),
)
# Nine of the ten queries read one of these two joins.
frames.located.persist()
frames.posted.persist()

# COMMAND ----------

answers = {}
for name, query in QUERIES.items():
    result = query(frames)
    answers[name] = answer(result)
    sorted_result = as_frame(spark, answers[name], result)
    write_table(sorted_result, layout.result(name))
    print(query.__doc__)
    display(sorted_result)

# COMMAND ----------

dbutils.fs.put(layout.results_document(), document(answers), True)
frames.located.unpersist()
frames.posted.unpersist()
