# Databricks notebook source
# MAGIC %md
# MAGIC # Read all rows with their schemas, and count them
# MAGIC
# MAGIC Ends with the seconds that it took.

# COMMAND ----------

import time
from typing import TYPE_CHECKING

from pinterest.layout import Layout
from pinterest.schema import read_kind

if TYPE_CHECKING:
    from pinterest.notebook_globals import dbutils, spark

# COMMAND ----------

dbutils.widgets.text("mount_point", "")
dbutils.widgets.text("user_id", "")
dbutils.widgets.text("topics_directory", "topics")
layout = Layout(
    mount_point=dbutils.widgets.get("mount_point"),
    user_id=dbutils.widgets.get("user_id"),
    topics_directory=dbutils.widgets.get("topics_directory"),
)

# COMMAND ----------

begun = time.perf_counter()
for kind in map(read_kind, ("pin", "geo", "user")):
    rows = spark.read.schema(kind.json_schema).option("recursiveFileLookup", "true").json(layout.source(kind.name))
    print(kind.name, rows.count())

# COMMAND ----------

dbutils.notebook.exit(str(time.perf_counter() - begun))
