"""How files are written: one format per file, found by listing this folder; the kind ``files`` reads through them."""
