"""The memory: tables, one transaction per verb, migrations, the audit chain."""
