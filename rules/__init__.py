"""The law: facts, calendars, clocks, the rule language, the engine and the review of cases."""
