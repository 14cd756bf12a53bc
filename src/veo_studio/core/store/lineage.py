"""Which generations were made from which: kept beside the settings that say so."""

from __future__ import annotations

from sqlalchemy import Connection

from veo_studio.core.video_config import VideoConfig

_INSERT = (
    "INSERT OR IGNORE INTO lineage (child_id, parent_id) "
    "SELECT ?, id FROM generations WHERE id = ? AND id < ?"
)


def record(connection: Connection, generation_id: int, config: VideoConfig) -> None:
    """Link a new generation to every clip of ours among its inputs; others are not ours to link."""
    for parent_id in {item.generation_id for item in config.inputs}:
        if parent_id is not None:
            connection.exec_driver_sql(_INSERT, (generation_id, parent_id, generation_id))
