"""Ratings, complaints and enquiries are found without reading every event and case"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rated, asked = sa.text("name = 'rated'"), sa.text("kind in ('complaint', 'enquiry')")
    op.create_index("events_rated", "events", ["occurred_at"], sqlite_where=rated, postgresql_where=rated)
    op.create_index("cases_asked", "cases", ["case_id"], sqlite_where=asked, postgresql_where=asked)
