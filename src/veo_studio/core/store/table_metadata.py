"""The one set of tables, so that more than one file can add to it."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
