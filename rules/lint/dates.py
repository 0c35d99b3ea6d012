"""Dates that can be meant: what ends after it began, and of each value only one at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rules.draft import Draft
from rules.problems import Problem


def check(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for a book that ends before it begins, and for parameters with no or the same date twice."""
    force = draft.part.in_force
    if force.until_on is not None and force.until_on <= force.from_on:
        yield Problem(
            "lint/dates", draft.place("in_force", "until"), "The rulebook ends before it begins.", "规则书的失效日期早于生效日期。",
            "Write an 'until' later than 'from', or remove it.", "请写晚于 from 的 until，或删除。",
        )  # fmt: skip
    for name, values in draft.part.parameters.items():
        seen: set[dt.date] = set()
        if not values:
            yield Problem(
                "lint/dates", draft.place("parameters", name), f"The parameter '{name}' has no value.", f"参数“{name}”没有值。",
                "Write for example [{value: 90%, from: 2024-01-01}].", "例如 [{value: 90%, from: 2024-01-01}]。",
            )  # fmt: skip
        for index, dated in enumerate(values):
            place = draft.place("parameters", name, index)
            if dated.from_on in seen:
                yield Problem(
                    "lint/dates", place, f"The parameter '{name}' has two values from the same date on.",
                    f"参数“{name}”在同一日期起有两个值。", "Give one of them another date.", "请为其中之一改换日期。",
                )  # fmt: skip
            elif dated.from_on == dt.date.min:
                yield Problem(
                    "lint/dates", place, f"A value of the parameter '{name}' bears no date.", f"参数“{name}”的值没有日期。",
                    "Add 'from: ' with the date from which it holds.", "请添加 from 日期。", "warning",
                )  # fmt: skip
            seen.add(dated.from_on)
        if values and min(seen) > force.from_on and ("in_force",) not in {path[:1] for path in draft.touched}:
            yield Problem(
                "lint/dates", draft.place("parameters", name),
                f"The parameter '{name}' has no value between {force.from_on} and {min(seen)}, when the rulebook is in force.",
                f"规则书自 {force.from_on} 起生效，参数“{name}”在 {min(seen)} 之前没有值。",
                "Add the value that held before.", "请补充此前的值。",
            )  # fmt: skip
