"""The published law"""

import sqlalchemy as sa
from alembic import op

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "law_acts",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("law", WHOLE, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("law_json", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("law_acts_law", "law_acts", ["law"], unique=False)
    op.create_table(
        "law_revisions",
        sa.Column("revision", WHOLE, autoincrement=False, nullable=False),
        sa.Column("law", WHOLE, nullable=False),
        sa.Column("marked_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("revision"),
        sa.UniqueConstraint("law"),
    )


def downgrade() -> None:
    op.drop_table("law_revisions")
    op.drop_index("law_acts_law", table_name="law_acts")
    op.drop_table("law_acts")
