"""A build on Spark, for a tenant that outgrows one machine: the statements are those that DuckDB runs."""
