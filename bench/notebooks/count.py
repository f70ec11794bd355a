# Databricks notebook source
# MAGIC %md
# MAGIC # Read all rows with their schemas, and count them

# COMMAND ----------

from typing import TYPE_CHECKING

from pinterest.layout import Layout
from pinterest.schema import read_kind

if TYPE_CHECKING:
    from pinterest.notebook_globals import dbutils, spark

# COMMAND ----------

dbutils.widgets.text("mount_point", "")
dbutils.widgets.text("user_id", "")
layout = Layout(mount_point=dbutils.widgets.get("mount_point"), user_id=dbutils.widgets.get("user_id"))

# COMMAND ----------

for kind in map(read_kind, ("pin", "geo", "user")):
    rows = spark.read.schema(kind.json_schema).option("recursiveFileLookup", "true").json(layout.source(kind.name))
    print(kind.name, rows.count())
