"""Facts over many cases"""

import sqlalchemy as sa
from alembic import op

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ungathered",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("changes", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.execute("insert into ungathered (case_id, changes) select case_id, 1 from cases where kind = 'application'")
    op.create_table(
        "gists",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("gist_json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "gathered_in",
        sa.Column("window_key", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("window_key", "case_id"),
    )
    op.create_index("gathered_in_case", "gathered_in", ["case_id"])
    op.create_table(
        "gathering_windows",
        sa.Column("window_key", KEY, nullable=False),
        sa.Column("gathering", KEY, nullable=False),
        sa.Column("closes_at", WHOLE, nullable=False),
        sa.Column("changes", WHOLE, nullable=False, server_default="0"),
        sa.Column("due_at", WHOLE),
        sa.Column("told_json", sa.LargeBinary(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("window_key"),
    )
    due = sa.text("due_at is not null")
    op.create_index("gathering_windows_due_at", "gathering_windows", ["due_at"], sqlite_where=due, postgresql_where=due)
