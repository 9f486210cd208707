"""PostgreSQL: schema, migrations, stores and the embedded server."""
