"""Run by Alembic inside ``Store.migrate``: the connection and its transaction are the caller's."""

from alembic import context

from aid.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
