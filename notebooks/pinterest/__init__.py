"""Cleaning and the queries over Pinterest's posts, shared by the batch and the stream notebooks.

Runs on Databricks runtimes 15.4 LTS and later (Spark 3.5 with the variant functions, or 4) and on open-source Spark 4
with Delta. Nothing here infers a schema: columns, types and markers of missing values come from `schemas/posts.json`.
"""
