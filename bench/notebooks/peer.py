# Databricks notebook source
# MAGIC %md
# MAGIC # Clean the posts and answer the questions as the exercise's public solutions do
# MAGIC
# MAGIC Schemas are inferred, each marker of a missing value is a `withColumn` of its own, and each question is answered
# MAGIC from the frames as they were read. Nothing is kept.

# COMMAND ----------

from typing import TYPE_CHECKING

from pinterest.layout import Layout
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pinterest.notebook_globals import dbutils, spark

# COMMAND ----------

dbutils.widgets.text("mount_point", "")
dbutils.widgets.text("user_id", "")
layout = Layout(mount_point=dbutils.widgets.get("mount_point"), user_id=dbutils.widgets.get("user_id"))


def read(kind: str) -> DataFrame:
    """All rows of a kind, with what Spark makes of their types."""
    return spark.read.option("recursiveFileLookup", "true").json(layout.source(kind))


# COMMAND ----------

df_pin = read("pin")
for column, marker in (
    ("title", "No Title Data Available"),
    ("description", "No description available"),
    ("description", "No description available Story format"),
    ("description", "Untitled"),
    ("poster_name", "User Info Error"),
    ("follower_count", "User Info Error"),
    ("tag_list", "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e"),
    ("image_src", "Image src error."),
):
    df_pin = df_pin.withColumn(column, F.when(F.col(column) == marker, None).otherwise(F.col(column)))
for column in ("title", "description", "poster_name", "follower_count", "tag_list", "image_src", "category"):
    df_pin = df_pin.withColumn(column, F.when(F.trim(F.col(column)) == "", None).otherwise(F.col(column)))
df_pin = (
    df_pin.withColumn("follower_count", F.regexp_replace("follower_count", "k", "000"))
    .withColumn("follower_count", F.regexp_replace("follower_count", "M", "000000"))
    .withColumn("follower_count", F.col("follower_count").cast("int"))
    .withColumn("save_location", F.regexp_replace("save_location", "Local save in ", ""))
    .withColumnRenamed("index", "ind")
)

# COMMAND ----------

df_geo = (
    read("geo")
    .withColumn("coordinates", F.array("latitude", "longitude"))
    .drop("latitude", "longitude")
    .withColumn("timestamp", F.to_timestamp("timestamp"))
)
df_user = (
    read("user")
    .withColumn("user_name", F.concat("first_name", F.lit(" "), "last_name"))
    .drop("first_name", "last_name")
    .withColumn("date_joined", F.to_timestamp("date_joined"))
)

# COMMAND ----------

pin_geo = df_pin.join(df_geo, "ind").withColumn("post_year", F.year("timestamp"))
pin_user = (
    df_pin.join(df_user, "ind")
    .withColumn("post_year", F.year("date_joined"))
    .withColumn(
        "age_group",
        F.when(F.col("age").between(18, 24), "18-24")
        .when(F.col("age").between(25, 35), "25-35")
        .when(F.col("age").between(36, 50), "36-50")
        .when(F.col("age") > 50, "+50"),
    )
)


def first_by(rows: DataFrame, group: str, measure: str) -> DataFrame:
    """The row with the largest measure in each group."""
    place = F.row_number().over(Window.partitionBy(group).orderBy(F.desc(measure)))
    return rows.withColumn("place", place).where("place = 1").drop("place")


def counted(rows: DataFrame, group: str) -> DataFrame:
    """Posts by group and category."""
    return rows.groupBy(group, "category").agg(F.count("category").alias("category_count"))


def median() -> Column:
    """The median follower count."""
    return F.percentile_approx("follower_count", 0.5).alias("median_follower_count")


# COMMAND ----------

years = pin_geo.where(F.col("post_year").between(2018, 2022))
joined = pin_user.where(F.col("post_year").between(2015, 2020))
posters = pin_geo.groupBy("country", "poster_name").agg(F.max("follower_count").alias("follower_count"))

print(first_by(counted(pin_geo, "country"), "country", "category_count").collect())
print(counted(years, "post_year").collect())
print(first_by(counted(years, "post_year"), "post_year", "category_count").collect())
print(first_by(posters, "country", "follower_count").collect())
print(posters.orderBy(F.desc_nulls_last("follower_count")).limit(1).collect())
print(first_by(counted(pin_user, "age_group"), "age_group", "category_count").collect())
print(pin_user.groupBy("age_group").agg(median()).collect())
print(joined.groupBy("post_year").agg(F.count_distinct("user_name", "age", "date_joined")).collect())
print(joined.groupBy("post_year").agg(median()).collect())
print(joined.groupBy("post_year", "age_group").agg(median()).collect())
