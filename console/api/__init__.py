"""The HTTP API: each file has a ``router`` of its own, whose routes are declared with the act that they need."""
