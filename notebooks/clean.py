# Databricks notebook source
# MAGIC %md
# MAGIC # Clean one kind of rows
# MAGIC
# MAGIC Reads the objects of one topic (`pin`, `geo` or `user`) that came since the last run, and merges their cleaned
# MAGIC rows into the kind's Delta table by `ind`. A row that cannot be parsed goes to the quarantine table beside it,
# MAGIC with its reason. Without new objects nothing changes.
# MAGIC
# MAGIC Ends with the counts of this run and of all runs, and a digest of the table, as JSON. With a moment as `since`,
# MAGIC ISO text, all that was cleaned from then on counts as this run's, by an attempt that then failed too.

# COMMAND ----------

import json
from typing import TYPE_CHECKING

from pinterest.counts import read_moment
from pinterest.ingest import clean_new_objects
from pinterest.layout import Layout
from pinterest.schema import read_kind
from pinterest.session import prepare
from pinterest.tables import digest

if TYPE_CHECKING:
    from pinterest.notebook_globals import dbutils, display, spark

# COMMAND ----------

dbutils.widgets.text("kind", "pin")
dbutils.widgets.text("user_id", "")
dbutils.widgets.text("mount_point", "")
dbutils.widgets.text("topics_directory", "topics")
dbutils.widgets.text("since", "")

kind = read_kind(dbutils.widgets.get("kind"))
layout = Layout(
    mount_point=dbutils.widgets.get("mount_point"),
    user_id=dbutils.widgets.get("user_id"),
    topics_directory=dbutils.widgets.get("topics_directory"),
)

# COMMAND ----------

prepare(spark)
report = clean_new_objects(spark, kind, layout, dbutils.fs.ls, read_moment(dbutils.widgets.get("since")))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What was refused

# COMMAND ----------

display(spark.read.format("delta").load(layout.quarantine(kind.name)).limit(100))

# COMMAND ----------

cleaned = spark.read.format("delta").load(layout.cleaned(kind.name))
dbutils.notebook.exit(json.dumps({**report.as_document(), "digest": digest(cleaned)}))
