"""An explanation as an HTML fragment: the same on the case's page and from ``mingdeng explain --format html``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rules.explanation import Explanation
from rules.facts import Instant, Value
from rules.glossary import label, worded
from rules.judgement import Amount, Moment
from rules.problems import Language
from rules.telling import attribute, key_name, reading

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def fragment(explanation: Explanation, language: Language) -> str:
    """Return the fragment; whatever departments wrote is text in it, never markup."""

    def moment(at: Instant, zone: str = "", provisional: bool = False) -> str:
        return worded(Moment(at, zone or explanation.zone, provisional), language)

    def value_of(word: str, value: Value) -> str:
        return reading(word, value, language, explanation.units, explanation.zone)

    def data(name: str, value: Value) -> str:
        return attribute(name, value, language, explanation.units, explanation.zone)

    def amount(value: Amount) -> str:
        return worded(value, language)

    return _TEMPLATES.get_template("explanation.html").render(
        told=explanation,
        language=language,
        say=lambda key: label("explain", key, language),
        label=lambda group, key: label(group, str(key), language),
        moment=moment,
        amount=amount,
        evidence=value_of,
        attribute=data,
        key_name=lambda key: key_name(key, language, explanation.units),
    )
