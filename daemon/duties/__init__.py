"""The duties of the daemon, one a file: each is ``run_once(now)``, which returns what it did; the loop is shared."""
