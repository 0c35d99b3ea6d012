"""The clock: settings, duties, metrics, health, command line; the one place of assembly."""
