"""What Alembic runs: the migrations, on the connection and inside the transaction that the ledger hands over."""

from alembic import context

import ledger.access_tables  # noqa: F401  # its tables join the metadata
from ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
