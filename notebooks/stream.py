# Databricks notebook source
# MAGIC %md
# MAGIC # Clean the posts while they arrive
# MAGIC
# MAGIC Reads the three Kinesis streams, each with a query of its own, and keeps the tables `<id>_pin_table`,
# MAGIC `<id>_geo_table` and `<id>_user_table` up to date by `ind`. A record that cannot be parsed goes to the kind's
# MAGIC quarantine table, with its reason.
# MAGIC
# MAGIC With a number of seconds as trigger it runs until it is stopped. With `availableNow` it reads what is there, and
# MAGIC ends with the counts, the latency and a digest of the table of each kind, as JSON.

# COMMAND ----------

import json
from typing import TYPE_CHECKING

from pinterest.layout import Layout
from pinterest.schema import read_kind
from pinterest.session import prepare
from pinterest.stream import Source, result, start, wait
from pinterest.tables import digest

if TYPE_CHECKING:
    from pinterest.notebook_globals import dbutils, display, spark

# COMMAND ----------

dbutils.widgets.text("user_id", "")
dbutils.widgets.text("mount_point", "")
dbutils.widgets.text("pin_stream", "")
dbutils.widgets.text("geo_stream", "")
dbutils.widgets.text("user_stream", "")
dbutils.widgets.text("region", "")
dbutils.widgets.text("trigger", "availableNow")

layout = Layout(
    mount_point=dbutils.widgets.get("mount_point"), user_id=dbutils.widgets.get("user_id"), pipeline="stream"
)
region = dbutils.widgets.get("region")
sources = {kind: Source(dbutils.widgets.get(f"{kind}_stream"), region) for kind in ("pin", "geo", "user")}
trigger = dbutils.widgets.get("trigger")

# COMMAND ----------

prepare(spark)
if trigger != "availableNow":
    # A query that never ends must not remember all that it did.
    spark.conf.set("spark.sql.streaming.numRecentProgressUpdates", "100")

queries = {kind: start(spark, read_kind(kind), layout, source, trigger) for kind, source in sources.items()}

# COMMAND ----------

wait(spark, queries.values())

# COMMAND ----------

# MAGIC %md
# MAGIC ## What was refused

# COMMAND ----------

for kind in queries:
    display(spark.read.format("delta").load(layout.quarantine(kind)).limit(100))

# COMMAND ----------

digests = {kind: digest(spark.read.format("delta").load(layout.cleaned(kind))) for kind in queries}
answers = result(spark, queries, layout)
dbutils.notebook.exit(json.dumps({kind: {**answers[kind], "digest": digests[kind]} for kind in queries}))
