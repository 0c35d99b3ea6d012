"""``mingdeng rules pages``: the pages for inspectors, written from the rulebooks in Chinese and in English."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from daemon.cli.language import say

OUT: Final = Path("docs/rules")


def add_pages(rules: typer.Typer) -> None:
    """Add the command to ``mingdeng rules``."""

    @rules.command("pages")
    def pages(
        books: Annotated[
            list[Path] | None, typer.Argument(help="Rulebook files or folders; else the shipped ones.")
        ] = None,
        out: Annotated[Path, typer.Option(help="Folder that gets zh/ and en/.")] = OUT,
    ) -> None:
        """Write one page for each rulebook and an index, in Chinese and in English."""
        written = write_pages(books or [], out)
        print(say(f"{written} pages in {out}/zh and {out}/en.", f"已在 {out}/zh 与 {out}/en 写入 {written} 页。"))


def write_pages(books: list[Path], out: Path) -> int:
    """Write the pages below ``out``, remove those of rulebooks that are gone, and return how many there are."""
    texts = {f"{language}/{name}": text for language, found in all_pages(books).items() for name, text in found.items()}
    for language in ("zh", "en"):
        folder = out / language
        folder.mkdir(parents=True, exist_ok=True)
        for page in folder.glob("*.md"):
            if f"{language}/{page.name}" not in texts and _generated(page):
                page.unlink()
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return len(texts)


def all_pages(books: list[Path]) -> dict[str, dict[str, str]]:
    """Return the text of every page by language and file name."""
    from rules.loader import load_books
    from rules.pages import Shelf, pages
    from rules.profiles import PROFILES

    profiles = {path.stem: load_books(books, path) for path in sorted(PROFILES.glob("*.yaml"))}
    shelf = Shelf(load_books(books), profiles)
    return {"zh": pages(shelf, "zh"), "en": pages(shelf, "en")}


def _generated(page: Path) -> bool:
    """Say whether a page is one of ours: a person's own page is never removed."""
    text = page.read_text(encoding="utf-8")
    return "本页由规则书生成" in text or "Generated from the rulebook" in text
