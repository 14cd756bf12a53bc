"""How a database file gets from any released schema to the current one (alembic)."""
