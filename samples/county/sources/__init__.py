"""The three departmental systems: each keeps its own store and speaks its own words."""
