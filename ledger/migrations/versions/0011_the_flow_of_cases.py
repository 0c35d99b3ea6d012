"""The flow of cases"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FLOW = "name in ('accepted', 'refused_accept', 'completed', 'returned', 'withdrawn', 'voided', 'deleted', 'forwarded')"


def upgrade() -> None:
    flowing = sa.text(FLOW)
    op.create_index("events_flow", "events", ["name", "occurred_at"], sqlite_where=flowing, postgresql_where=flowing)
    op.create_index("cards_issued_at", "cards", ["issued_at"])
