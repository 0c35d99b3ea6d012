"""The first ledger"""

import sqlalchemy as sa
from alembic import op

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_counts",
        sa.Column("unit", KEY, nullable=False),
        sa.Column("rule", KEY, nullable=False),
        sa.Column("colour", KEY, nullable=False),
        sa.Column("cards", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("unit", "rule", "colour"),
    )
    op.create_table(
        "cards",
        sa.Column("card_id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("serial", WHOLE, nullable=False),
        sa.Column("issued_at", WHOLE, nullable=False),
        sa.Column("ended_at", WHOLE, nullable=True),
        sa.Column("counts_at", WHOLE, nullable=True),
        sa.Column("changed_at", WHOLE, nullable=False),
        sa.Column("card_json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("card_id"),
    )
    op.create_index("cards_case", "cards", ["case_id"], unique=False)
    op.create_index("cards_changed", "cards", ["changed_at"], unique=False)
    op.create_index(
        "cards_open",
        "cards",
        ["unit", "colour"],
        unique=False,
        sqlite_where=sa.text("state = 'issued' and ended_at is null"),
        postgresql_where=sa.text("state = 'issued' and ended_at is null"),
    )
    op.create_index("cards_unit", "cards", ["unit"], unique=False)
    op.create_table(
        "cases",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, server_default="0", nullable=False),
        sa.Column("judged_revision", WHOLE, server_default="0", nullable=False),
        sa.Column("stale_since", WHOLE, nullable=True),
        sa.Column("next_review_at", WHOLE, nullable=True),
        sa.Column("lease_until", WHOLE, nullable=True),
        sa.Column("lease_token", WHOLE, server_default="0", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("light", sa.Text(), nullable=True),
        sa.Column("clock", sa.Text(), server_default="", nullable=False),
        sa.Column("ordinal", WHOLE, server_default="0", nullable=False),
        sa.Column("due_at", WHOLE, nullable=True),
        sa.Column("judged_at", WHOLE, nullable=True),
        sa.Column("judgement_json", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index(
        "cases_due_at",
        "cases",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        "cases_lease_until",
        "cases",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "cases_next_review_at",
        "cases",
        ["next_review_at"],
        unique=False,
        sqlite_where=sa.text("next_review_at IS NOT NULL"),
        postgresql_where=sa.text("next_review_at IS NOT NULL"),
    )
    op.create_index(
        "cases_stale_since",
        "cases",
        ["stale_since"],
        unique=False,
        sqlite_where=sa.text("stale_since IS NOT NULL"),
        postgresql_where=sa.text("stale_since IS NOT NULL"),
    )
    op.create_table(
        "chain_heads",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain"),
    )
    op.create_table(
        "deliveries",
        sa.Column("key", KEY, nullable=False),
        sa.Column("card_id", KEY, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", WHOLE, nullable=True),
        sa.Column("attempts", WHOLE, server_default="0", nullable=False),
        sa.Column("unknowns", WHOLE, server_default="0", nullable=False),
        sa.Column("lease_token", WHOLE, server_default="0", nullable=False),
        sa.Column("delivery_json", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("deliveries_card", "deliveries", ["card_id"], unique=False)
    op.create_index("deliveries_counted", "deliveries", ["channel", "state"], unique=False)
    op.create_index(
        "deliveries_due_at",
        "deliveries",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "duties",
        sa.Column("duty", KEY, nullable=False),
        sa.Column("last_run_at", WHOLE, nullable=False),
        sa.Column("last_success_at", WHOLE, nullable=True),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("duty"),
    )
    op.create_table(
        "events",
        sa.Column("arrival", WHOLE, autoincrement=True, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("occurred_at", WHOLE, nullable=True),
        sa.Column("inserted_at", WHOLE, nullable=True),
        sa.Column("received_at", WHOLE, nullable=False),
        sa.Column("sequence", WHOLE, nullable=True),
        sa.Column("data_json", sa.LargeBinary(), nullable=False),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("arrival"),
    )
    op.create_index("events_case", "events", ["case_id"], unique=False)
    op.create_index("events_version", "events", ["source", "event_id", "version"], unique=True)
    op.create_table(
        "judgements",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("from_light", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("light", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("ordinal", WHOLE, nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("judgements_case", "judgements", ["case_id"], unique=False)
    op.create_table(
        "light_counts",
        sa.Column("unit", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("light", KEY, nullable=False),
        sa.Column("cases", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("unit", "kind", "state", "light"),
    )
    op.create_table(
        "quarantine",
        sa.Column("quarantined", WHOLE, autoincrement=True, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("row_json", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("quarantined"),
    )
    op.create_index("quarantine_content", "quarantine", ["source", "content"], unique=True)
    op.create_index("quarantine_counted", "quarantine", ["source", "code"], unique=False)
    op.create_table(
        "sources",
        sa.Column("source", KEY, nullable=False),
        sa.Column("cursor_json", sa.LargeBinary(), server_default=sa.text("('')"), nullable=False),
        sa.Column("runs", WHOLE, server_default="0", nullable=False),
        sa.Column("last_event_at", WHOLE, nullable=True),
        sa.Column("last_success_at", WHOLE, nullable=True),
        sa.Column("failing_since", WHOLE, nullable=True),
        sa.Column("reason_en", sa.Text(), server_default="", nullable=False),
        sa.Column("reason_zh", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "spans",
        sa.Column("span", WHOLE, autoincrement=True, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("from_at", WHOLE, nullable=False),
        sa.Column("until_at", WHOLE, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("span_json", sa.LargeBinary(), nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.Column("superseded_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("span"),
    )
    op.create_index(
        "spans_standing",
        "spans",
        ["case_id"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "subjects",
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("revision", WHOLE, server_default="0", nullable=False),
        sa.Column("judged_revision", WHOLE, server_default="0", nullable=False),
        sa.Column("stale_since", WHOLE, nullable=True),
        sa.Column("next_review_at", WHOLE, nullable=True),
        sa.Column("lease_until", WHOLE, nullable=True),
        sa.Column("lease_token", WHOLE, server_default="0", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("light", sa.Text(), nullable=True),
        sa.Column("clock", sa.Text(), server_default="", nullable=False),
        sa.Column("ordinal", WHOLE, server_default="0", nullable=False),
        sa.Column("due_at", WHOLE, nullable=True),
        sa.Column("judged_at", WHOLE, nullable=True),
        sa.Column("judgement_json", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index(
        "subjects_lease_until",
        "subjects",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        "subjects_next_review_at",
        "subjects",
        ["next_review_at"],
        unique=False,
        sqlite_where=sa.text("next_review_at IS NOT NULL"),
        postgresql_where=sa.text("next_review_at IS NOT NULL"),
    )
    op.create_index(
        "subjects_stale_since",
        "subjects",
        ["stale_since"],
        unique=False,
        sqlite_where=sa.text("stale_since IS NOT NULL"),
        postgresql_where=sa.text("stale_since IS NOT NULL"),
    )
    op.create_table(
        "attempts",
        sa.Column("key", KEY, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("token", WHOLE, nullable=False),
        sa.Column("started_at", WHOLE, nullable=False),
        sa.Column("possible_repeat", sa.Boolean(), nullable=False),
        sa.Column("finished_at", WHOLE, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["key"],
            ["deliveries.key"],
        ),
        sa.PrimaryKeyConstraint("key", "number"),
    )
    op.create_index(
        "attempts_repeats",
        "attempts",
        ["key"],
        unique=False,
        sqlite_where=sa.text("possible_repeat"),
        postgresql_where=sa.text("possible_repeat"),
    )
    op.create_table(
        "card_changes",
        sa.Column("position", WHOLE, autoincrement=False, nullable=False),
        sa.Column("card_id", KEY, nullable=False),
        sa.Column("serial", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.Column("change_json", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"],
            ["cards.card_id"],
        ),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("card_changes_serial", "card_changes", ["card_id", "serial"], unique=True)


def downgrade() -> None:
    op.drop_index("card_changes_serial", table_name="card_changes")
    op.drop_table("card_changes")
    op.drop_index(
        "attempts_repeats",
        table_name="attempts",
        sqlite_where=sa.text("possible_repeat"),
        postgresql_where=sa.text("possible_repeat"),
    )
    op.drop_table("attempts")
    op.drop_index(
        "subjects_stale_since",
        table_name="subjects",
        sqlite_where=sa.text("stale_since IS NOT NULL"),
        postgresql_where=sa.text("stale_since IS NOT NULL"),
    )
    op.drop_index(
        "subjects_next_review_at",
        table_name="subjects",
        sqlite_where=sa.text("next_review_at IS NOT NULL"),
        postgresql_where=sa.text("next_review_at IS NOT NULL"),
    )
    op.drop_index(
        "subjects_lease_until",
        table_name="subjects",
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.drop_table("subjects")
    op.drop_index(
        "spans_standing",
        table_name="spans",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("spans")
    op.drop_table("sources")
    op.drop_index("quarantine_counted", table_name="quarantine")
    op.drop_index("quarantine_content", table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("light_counts")
    op.drop_index("judgements_case", table_name="judgements")
    op.drop_table("judgements")
    op.drop_index("events_version", table_name="events")
    op.drop_index("events_case", table_name="events")
    op.drop_table("events")
    op.drop_table("duties")
    op.drop_index(
        "deliveries_due_at",
        table_name="deliveries",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_index("deliveries_counted", table_name="deliveries")
    op.drop_index("deliveries_card", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("chain_heads")
    op.drop_index(
        "cases_stale_since",
        table_name="cases",
        sqlite_where=sa.text("stale_since IS NOT NULL"),
        postgresql_where=sa.text("stale_since IS NOT NULL"),
    )
    op.drop_index(
        "cases_next_review_at",
        table_name="cases",
        sqlite_where=sa.text("next_review_at IS NOT NULL"),
        postgresql_where=sa.text("next_review_at IS NOT NULL"),
    )
    op.drop_index(
        "cases_lease_until",
        table_name="cases",
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.drop_index(
        "cases_due_at",
        table_name="cases",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_table("cases")
    op.drop_index("cards_unit", table_name="cards")
    op.drop_index(
        "cards_open",
        table_name="cards",
        sqlite_where=sa.text("state = 'issued' and ended_at is null"),
        postgresql_where=sa.text("state = 'issued' and ended_at is null"),
    )
    op.drop_index("cards_changed", table_name="cards")
    op.drop_index("cards_case", table_name="cards")
    op.drop_table("cards")
    op.drop_table("card_counts")
