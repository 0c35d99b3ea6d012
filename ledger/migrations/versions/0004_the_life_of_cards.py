"""The life of cards"""

import sqlalchemy as sa
from alembic import op

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cards", sa.Column("stage", sa.Text(), nullable=False, server_default="issued"))
    op.add_column("cards", sa.Column("assignee", sa.Text(), nullable=False, server_default=""))
    op.add_column("cards", sa.Column("item", sa.Text(), nullable=False, server_default=""))
    op.execute("update cards set stage = 'proposed' where state = 'pending'")
    op.execute("update cards set stage = 'revoked' where state = 'revoked'")
    op.create_index("cards_stage", "cards", ["stage", "colour", "unit"])
    op.create_table(
        "papers",
        sa.Column("card_id", KEY, nullable=False),
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("received_at", WHOLE, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("card_id", "sha256"),
    )
