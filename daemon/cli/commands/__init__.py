"""The commands, one a file; each adds itself with ``add_to(app)``."""
