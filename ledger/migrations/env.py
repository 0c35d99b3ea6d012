"""What Alembic runs: the migrations, on the connection and inside the transaction that the ledger hands over."""

from alembic import context

import ledger.access_tables  # its tables join the metadata
import ledger.gatheringtables  # as above
import ledger.idempotency  # as above
import ledger.routingtables  # as above
import ledger.savedviews  # noqa: F401  # as above
from ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
