"""Answers"""

import sqlalchemy as sa
from alembic import op

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("account", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", WHOLE, nullable=False),
        sa.Column("lease_until", WHOLE, nullable=False),
        sa.Column("status", WHOLE),
        sa.Column("headers_json", sa.LargeBinary()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("account", "key"),
    )
    op.create_index("answers_began_at", "answers", ["began_at"])
