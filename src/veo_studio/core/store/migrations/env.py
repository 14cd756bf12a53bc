"""Alembic's entry point; the connection and its transaction come from `runner.upgrade`."""

from alembic import context

from veo_studio.core.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
    render_as_batch=True,
)
context.run_migrations()
