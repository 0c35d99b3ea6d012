"""Alembic migrations of the ledger; they travel inside the wheel and are run by ``ledger.upgrade()``."""
