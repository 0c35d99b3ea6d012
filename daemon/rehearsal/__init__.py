"""Rehearsal (演练): the product works through a county whose truth is known, so that its findings can be counted."""
