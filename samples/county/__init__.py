"""A sample county: departments with their own databases and interfaces, made up from a seed."""
