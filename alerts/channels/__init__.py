"""Ways in which messages leave: one kind a file, found by listing this folder; only configured ones are imported."""
