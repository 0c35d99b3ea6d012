"""A rulebook of one rule with its proof, and a correction of it."""

OWN = """\
rulebook: own
title: {zh: 许可, en: Licences}
version: 1
in_force: {from: 2018-01-01}
basis: {promise: {text: 本中心承诺}}
clocks:
  promise:
    title: {zh: 承诺时限, en: promised limit}
    of: application
    starts: accepted
    stops: completed
    limit: 7 workdays
    counting: rolling
rules:
  - id: L02
    title: {zh: 超期, en: overdue}
    of: application
    when: clock.promise.over
    light: red
    card: yellow
    tell: R2
    basis: promise
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
CORRECTED = (
    OWN.replace("version: 1\n", "version: 1\nrevision: 2\n")
    .replace("limit: 7 workdays", "limit: 15 workdays")
    .replace("2018-10-24", "2018-11-05")
)
