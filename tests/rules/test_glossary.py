"""The glossary: every word of the field that a person sees has a Chinese and an English label."""

from __future__ import annotations

from enum import StrEnum

import pytest

from alerts.model import CardState, ChangeKind, Outcome
from rules.facts import EVENT_RANK
from rules.glossary import glossary, label, plural
from rules.judgement import CaseState, Light, Truth
from rules.placeholders import names
from rules.policy import Colour, IssueMode, Rank
from rules.quantities import Unit


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("lights", Light), ("colours", Colour), ("case_states", CaseState), ("card_states", CardState),
        ("change_kinds", ChangeKind), ("issue_modes", IssueMode), ("ranks", Rank), ("units", Unit),
        ("outcomes", Outcome), ("truths", Truth), ("headings", ChangeKind),
    ],
)  # fmt: skip
def test_every_value_of_an_enumeration_has_its_labels(group: str, words: type[StrEnum]) -> None:
    assert {word.value for word in words} <= set(glossary()[group])


def test_every_event_name_has_its_labels() -> None:
    assert set(EVENT_RANK) <= set(glossary()["events"])


def test_every_entry_says_something_in_both_languages_with_the_same_placeholders() -> None:
    for group, entries in glossary().items():
        for key, entry in entries.items():
            assert entry.zh, (group, key)
            assert entry.en, (group, key)
            assert set(names(entry.zh)) == set(names(entry.en)), (group, key)


def test_a_label_is_in_the_language_that_was_asked_for() -> None:
    assert (label("colours", "yellow", "zh"), label("colours", "yellow", "en")) == ("黄牌", "yellow card")
    assert (plural("colours", "yellow", "zh"), plural("colours", "yellow", "en")) == ("黄牌", "yellow cards")
    assert plural("lights", "red", "en") == "red"


def test_a_word_that_the_glossary_does_not_know_is_its_own_label() -> None:
    assert label("events", "local_event", "zh") == "local_event"
    assert label("no such group", "x", "en") == "x"
