"""The law: facts, calendars, clocks, the rule language, the engine and the review that holds cases against rules."""
