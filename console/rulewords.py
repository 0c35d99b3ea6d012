"""Rules as a reader reads them: the words of a rulebook, made into a page's HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markupsafe import Markup

from rules.pages import in_words
from rules.problems import Language
from rules.rulebook import Rulebook, Rulebooks

_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False})
"""Whatever looks like HTML in a rulebook is text; links that are no addresses are left as text too."""


class Worded(NamedTuple):
    """A rule in words: its id, its title and what it says."""

    rule: str
    title: str
    said: Markup


def rules_in_words(books: Rulebooks, book: Rulebook, language: Language) -> Sequence[Worded]:
    """Return the rules of a book in words, in the book's order."""
    said = in_words(books, book, language)
    return [
        Worded(rule.id, rule.policy.title[language], Markup(_MARKDOWN.render(said[rule.id])))  # noqa: S704  # html is off
        for rule in book.rules
    ]


def book_of(books: Rulebooks, rule: str) -> Rulebook | None:
    """Return the newest book that holds the rule."""
    own = [book for book in books.books if any(each.id == rule for each in book.rules)]
    return max(own, key=lambda book: book.version, default=None)
