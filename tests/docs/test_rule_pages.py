"""The pages for inspectors say what the rulebooks say: generated, complete, and in words that a reader knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.cli.rulepages import all_pages, write_pages
from rules.glossary import glossary
from rules.language.nodes import Call, subjects
from rules.loader import load_books
from rules.needs import counted_by, needs_of
from rules.pages import need_in_words
from rules.rulebook import Rulebooks
from rules.wording import Wording, bound_by, unlabelled

pytestmark = pytest.mark.xdist_group("rule pages")  # they share the pages, which take long to make

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "rules"


@pytest.fixture(scope="module")
def books() -> Rulebooks:
    return load_books()


@pytest.fixture(scope="module")
def generated() -> dict[str, dict[str, str]]:
    return all_pages([])


def test_the_pages_in_the_tree_are_those_of_the_rulebooks(generated: dict[str, dict[str, str]]) -> None:
    """If this fails: mingdeng rules pages."""
    kept = {
        language: {page.name: page.read_text(encoding="utf-8") for page in (PAGES / language).glob("*.md")}
        for language in ("zh", "en")
    }

    stale = [
        f"{lang}/{name}" for lang, pages in generated.items() for name in pages if kept[lang].get(name) != pages[name]
    ]
    assert stale == []
    assert {lang: set(pages) for lang, pages in kept.items()} == {lang: set(pages) for lang, pages in generated.items()}


def test_every_rule_has_its_place_in_both_languages(books: Rulebooks, generated: dict[str, dict[str, str]]) -> None:
    for language, pages in generated.items():
        for book in books.books:
            text = pages[f"{book.name}.md"]
            missing = [r.id for r in book.rules if f"## {r.id} {r.policy.title[language]}\n" not in text]
            assert missing == [], language


def test_every_rule_shows_an_example_or_a_boundary(books: Rulebooks, generated: dict[str, dict[str, str]]) -> None:
    for book in books.books:
        parts = re.split(r'<a id="', generated["en"][f"{book.name}.md"])[1:]
        assert [part[:6] for part in parts if "**Boundary**" not in part and "**Example**" not in part] == []


def test_every_word_of_a_shipped_condition_has_a_label_of_its_own(books: Rulebooks) -> None:
    assert {book.name: set(unlabelled(book)) for book in books.books if unlabelled(book)} == {}


def test_a_condition_in_words_leaves_no_word_of_the_language(books: Rulebooks) -> None:
    """Nothing with a dot or underscore stays, but the names of parameters, which stand in brackets."""
    for book in books.books:
        for rule in book.rules:
            for language in ("zh", "en"):
                said = Wording(book, language, {}, bound_by(rule.givens)).condition(rule.when)
                bare = re.sub(r"（参数 \w+）| \(parameter \w+\)", "", said)
                assert not re.search(r"[a-z]+[._][a-z]", bare), (rule.id, said)


def test_everything_that_a_rule_needs_is_named_in_both_languages(books: Rulebooks) -> None:
    known = glossary()
    for book in books.books:
        for rule in book.rules:
            for need in (need for each in needs_of(rule, counted_by(rule, book.clocks)) for need in each):
                assert need_in_words(need, "zh") != need_in_words(need, "en")
                assert need[0] in known["events"] or need[0] in {"case", "item"}, (rule.id, need)
                assert len(need) == 1 or need[1] in known["attributes"], (rule.id, need)


def test_calls_in_conditions_name_events_that_have_labels(books: Rulebooks) -> None:
    named = {
        subject.args[0]
        for book in books.books
        for rule in book.rules
        for subject in subjects(rule.when)
        if isinstance(subject, Call) and subject.name in {"event", "happened", "count"}
    }

    assert named <= set(glossary()["events"])


def test_writing_pages_removes_a_generated_page_without_rulebook_and_keeps_a_persons_own(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "gone.md").write_text("本页由规则书生成，请勿手工修改。", encoding="utf-8")
    (tmp_path / "zh" / "own.md").write_text("我的笔记", encoding="utf-8")

    write_pages([ROOT / "rules" / "books" / "cooperation.yaml"], tmp_path)

    assert {page.name for page in (tmp_path / "zh").iterdir()} == {"README.md", "cooperation.md", "own.md"}
