"""Words for people what judgements keep as codes: doubts, the sentences of rules, the facts that stand behind them.

This is the one edge: a unit is called by its name, a step, a code or a truth by its word, an amount with its unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from msgspec.structs import replace

from rules.doubts import AND, apart
from rules.facts import Value
from rules.glossary import amount, glossary, label, moment, worded
from rules.judgement import Amount, Moment, Shown
from rules.language.parsing import parse_word
from rules.placeholders import fill, language_of
from rules.problems import Language, Place, UserError
from rules.quantities import Quantity
from rules.wording import Wording

Units: TypeAlias = Mapping[str, Mapping[str, str]]
"""The names of units by their code: ``zh`` and ``en``."""

NAMELESS: Final[Units] = MappingProxyType({})

Titles: TypeAlias = Callable[[str, str], str]
"""The title of a ``clock`` or ``rule`` by its name, "" where it has none."""

FREE_TEXT: Final = frozenset({"text", "matter", "officer", "account", "item", "person", "case_no"})
"""Attributes in which no word is a code."""

_UNIT_WORDS: Final = frozenset({"unit.name", "case.unit", "contact.unit", "refusal.unit", "item.unit"})
_UNITS_TOO: Final = frozenset({"assist", "cosign", "lead", "competent_body"})


def _untitled(_kind: str, _name: str) -> str:
    return ""


def because(reasons: str, language: Language, title: Titles = _untitled) -> str:
    """Return the reasons of ``rules.doubts`` as a sentence; what is no known code, in an old ledger, stays as it is."""
    return ("；" if language == "zh" else "; ").join(
        _doubt(code, said, language, title) for code, said in apart(reasons)
    )


def sentence(text: str, values: Mapping[str, Shown], language: Language, units: Units) -> str:
    """Return a rule's own sentence with its placeholders filled in once; ``—`` is what is not known.

    ``{unit.name}`` and other units read as names, ``{unit.code}`` stays the code, for programs.
    """
    if "unit.code" in values:  # told before a rule asked for the name
        values = {"unit.name": values["unit.code"], **values}
    return fill(text, {name: placed(name, value, language, units) for name, value in values.items()})


def reading(name: str, value: Value, language: Language, units: Units, zone: str) -> str:
    """Return the value of an attribute or of a word of a condition as a person reads it, instants in ``zone``."""
    if value is None:
        return label("explain", "not_known", language)
    if isinstance(value, bool):
        return label("codes", "true" if value else "false", language)
    text = str(value)
    last = name.rpartition(".")[2]
    if isinstance(value, int) and last.endswith("_at"):
        return moment(Moment(value, zone), language)
    if last in FREE_TEXT or not isinstance(value, str):
        return text
    if last == "unit" or last.endswith("_unit") or last in _UNITS_TOO:
        return unit_name(text, language, units)
    groups = {"step": "steps", "colour": "colours", "measure": "measures"}
    return label(groups[last], text, language) if last in groups else _quantity(text, language)


def attribute(name: str, value: Value, language: Language, units: Units, zone: str) -> str:
    """Return one attribute of an event with its label, as in ``单位 住房和城乡建设局``."""
    group = "data" if name in glossary()["data"] else "attributes"
    return f"{label(group, name, language)} {reading(name, value, language, units, zone)}"


def unit_name(code: str, language: Language, units: Units) -> str:
    """Return the name of a unit, its code if it has none."""
    return language_of(units.get(code, {}), language) or code


def key_name(key: str, language: Language, units: Units) -> str:
    """Return what one of several clocks is called by: the unit or the step that it is of, else as the source says."""
    return unit_name(key, language, units) if key in units else label("steps", key, language)


def _doubt(code: str, said: str, language: Language, title: Titles) -> str:
    if code not in glossary()["doubts"]:
        return f"{code}:{said}" if said else code
    if code == "missing":
        said = ("、" if language == "zh" else ", ").join(_words(said, language, title))
    elif code == "rule":
        said = f"{said} {title('rule', said)}".strip()
    return fill(label("doubts", code, language), {"said": said})


def _words(said: str, language: Language, title: Titles) -> Iterator[str]:
    """Yield words of the rule language as a reader knows them."""
    wording = Wording(None, language, clocks=lambda name: title("clock", name))
    for written in said.split(AND):
        try:
            yield wording.subject(parse_word(written, Place("word")))
        except UserError:
            yield written


def placed(name: str, value: Shown, language: Language, units: Units = NAMELESS) -> str:
    """Return what stands in a sentence for a placeholder of this name; what is over by nothing is so by less than one."""
    if isinstance(value, Amount) and value.units == "0" and name.endswith(".over_by"):
        return label("marks", "less_than", language) + amount(replace(value, units="1"), language)
    if isinstance(value, Amount | Moment):
        return worded(value, language)
    if name in _UNIT_WORDS:
        return unit_name(value, language, units)
    if name == "case.step" or (name.startswith("clock.") and name.endswith(".key")):
        return key_name(value, language, units)
    return value


def _quantity(text: str, language: Language) -> str:
    """Return a length of time with its unit in words, a code by its word, any other text as it is."""
    try:
        quantity = Quantity.parse(text)
    except ValueError:
        return label("codes", text, language)
    return amount(Amount(f"{float(quantity.amount):g}", quantity.unit.value), language)
