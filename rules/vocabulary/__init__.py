"""The words of the rule language: one function per word, one file per field; found by listing this folder."""
