"""Casework"""

import sqlalchemy as sa
from alembic import op

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, said in (("cases", "judgement_json"), ("subjects", "judgement_json"), ("cards", "card_json")):
        op.add_column(table, sa.Column("person", sa.Text(), nullable=False, server_default=""))
        op.execute(f"update {table} set person = {_person(said)} where {said} is not null")  # noqa: S608  # own names
    running, handled = sa.text("state = 'running'"), sa.text("person <> ''")
    op.create_index("cases_unit_due", "cases", ["unit", "due_at"], sqlite_where=running, postgresql_where=running)
    op.create_index("cases_person", "cases", ["person", "due_at"], sqlite_where=handled, postgresql_where=handled)
    op.create_index("cases_number", "cases", ["case_no", "case_id"])
    op.create_index("cards_person", "cards", ["person"], sqlite_where=handled, postgresql_where=handled)
    op.create_table(
        "saved_views",
        sa.Column("account", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("saved_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("account", "name"),
    )


def _person(said: str) -> str:
    """Return the expression that reads the person out of what was written as JSON; defaults were left unwritten or not."""
    if op.get_bind().dialect.name == "sqlite":
        return f"coalesce(json_extract(cast({said} as text), '$.person'), '')"
    return f"coalesce(convert_from({said}, 'UTF8')::json ->> 'person', '')"
