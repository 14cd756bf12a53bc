"""Runs alembic on an open connection, inside one transaction per file."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from veo_studio import __version__
from veo_studio.core.crash import crash_point
from veo_studio.core.store.schema import APPLICATION_ID, SCHEMA_VERSION


def upgrade(connection: Connection) -> None:
    """Bring the file to SCHEMA_VERSION: all of it or nothing."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with connection.begin():
        # a second process may have migrated while this one waited for the write lock
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version >= SCHEMA_VERSION:
            return
        command.upgrade(config, "head")
        crash_point("K22")
        connection.exec_driver_sql(
            "INSERT INTO about (name, value) VALUES ('written_by', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (__version__,),
        )
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
