"""Runs Databricks notebooks on this machine, as they are, for the emulated workspace."""
