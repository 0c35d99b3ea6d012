"""Small rulebooks for tests: one rule, overdue by the promise, in a book that differs only in what is asked for."""

from __future__ import annotations

from typing import Final


def overdue(
    book: str = "licences",
    limit: str = "item.promised",
    version: int = 1,
    begins: str = "2018-01-01",
    of: str = "application",
    more: str = "",
) -> str:
    """Return a rulebook whose rule ``L02`` finds a case of a kind late; ``more`` stands below it."""
    return f"""\
rulebook: {book}
title: {{zh: 许可, en: Licences}}
version: {version}
in_force: {{from: {begins}}}
basis: {{promise: {{text: 本中心承诺}}}}
clocks:
  promise:
    title: {{zh: 承诺时限, en: promised limit}}
    of: {of}
    starts: accepted
    stops: completed
    limit: {limit}
    counting: rolling
rules:
  - id: L02
    title: {{zh: 超期, en: overdue}}
    of: {of}
    when: clock.promise.over
    light: red
    card: yellow
    tell: R2
    basis: promise
{more}"""


PROOF: Final = """\
    say:
      zh: 办件 {case.no} 已超期。
      en: Case {case.no} is overdue.
tests:
  - name: nothing at the instant, a card one second later
    calendar: cn
    given:
      - 2018-10-15 10:00:00 accepted
    expect:
      - at 2018-10-24 10:00:00: not L02
      - at 2018-10-24 10:00:01: L02
"""
OWN: Final = overdue("own", "7 workdays", more=PROOF)
"""An office's own rulebook with its proof, and a correction of it."""
CORRECTED: Final = (
    OWN.replace("version: 1\n", "version: 1\nrevision: 2\n")
    .replace("limit: 7 workdays", "limit: 15 workdays")
    .replace("2018-10-24", "2018-11-05")
)
