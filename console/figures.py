"""The figures of a month as rows of a table: how each is called, on which base, and what was divided by what."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from console.words import word
from ledger.views import Month
from rules.glossary import label, worded
from rules.judgement import Amount
from rules.policy import Colour
from rules.problems import Language
from rules.statistics import REFUSED, Ratio, Tally

_CENT: Final = Decimal("0.01")


class Figure(NamedTuple):
    """A row: its name, its base (flow, cohort or stock), the value as printed, and for a rate what it was made of."""

    name: str
    base: str
    value: str
    part: str = ""
    whole: str = ""


class Times(NamedTuple):
    """How long completed cases took, in one measure."""

    measure: str
    cases: int
    mean: str
    median: str
    ninetieth: str
    promise: str
    speed_up: str


def main_figures(total: Tally, language: Language) -> list[Figure]:
    """Return the figures of domain.md 7.2 that the ledger can answer, in the order of bulletins."""

    def number(name: str, base: str, value: int) -> Figure:
        return Figure(word(name, language), word(f"base_{base}", language), f"{value:,}")

    def rate(name: str, base: str, ratio: Ratio) -> Figure:
        return Figure(
            word(name, language),
            word(f"base_{base}", language),
            ratio.text(2, language),
            f"{ratio.count:,}",
            f"{ratio.of:,}",
        )

    return [
        number("accepted_n", "flow", total.accepted),
        number("refused_n", "flow", total.set_aside.get(REFUSED, 0)),
        number("completed_n", "flow", total.completed),
        rate("completion_rate", "flow", total.completion),
        rate("completion_rate_cohort", "cohort", total.completion_of_accepted),
        number("open_n", "stock", total.open),
        number("overdue_open_n", "stock", total.overdue_open),
        rate("on_time_rate", "flow", total.punctual),
        rate("on_time_rate_law", "flow", total.lawfully_punctual),
        rate("early_rate", "flow", total.ahead),
        rate("overdue_rate", "flow", total.overdue),
        *(
            Figure(
                f"{label('events', event, language)} · {word('set_aside', language)}",
                word("base_flow", language),
                f"{n:,}",
            )
            for event, n in sorted(total.set_aside.items())
            if event != REFUSED
        ),
    ]


def service_figures(found: Month, total: Tally, language: Language) -> list[Figure]:
    """Return how people were served, and the cards beside the cases; of what no source reports there is no figure."""
    served = found.service
    valid = {
        colour: sum(each.valid for each in found.cards if each.colour is colour)
        for colour in (Colour.YELLOW, Colour.RED)
    }
    cases = total.completed + total.open
    rates = [(name, getattr(served, name)) for name in served.__struct_fields__]
    rates += [(f"card_rate_{colour}", Ratio(valid[colour], cases)) for colour in valid]
    return [
        Figure(
            word(f"served_{name}", language), word(f"served_{name}_is", language),
            ratio.text(2, language) if ratio.of else word("no_data", language),
            f"{ratio.count:,}" if ratio.of else "", f"{ratio.of:,}" if ratio.of else "",
        )
        for name, ratio in rates
    ]  # fmt: skip


def times(total: Tally, language: Language) -> list[Times]:
    """Return how long completed cases took, a row for each measure."""

    def shown(value: Decimal | None, measure: str) -> str:
        if value is None:
            return label("marks", "missing", language)
        return worded(Amount(str(value.quantize(_CENT, ROUND_HALF_UP).normalize()), measure), language)

    return [
        Times(
            label("counted_in", measure, language),
            len(total.used[measure]),
            shown(total.mean(measure), measure),
            shown(total.middle(measure), measure),
            shown(total.ninetieth(measure), measure),
            shown(total.mean_promise(measure), measure),
            total.speed_up(measure).text(2, language),
        )
        for measure in total.measures
    ]
