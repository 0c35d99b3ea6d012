"""The window: pages and HTTP API for inspectors, administrators and supervised units."""
