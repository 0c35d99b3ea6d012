"""The pages about the life of a card say what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.lifepage import PAGES, page, picture
from alerts.model import Stage
from alerts.moves import MOVES
from rules.problems import Language

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", PAGES)
def test_the_page_is_written_from_the_table_of_moves_and_the_rulebook(language: Language) -> None:
    """``python -m alerts.lifepage`` writes it anew."""
    assert (ROOT / PAGES[language]).read_text(encoding="utf-8") == page(language)


def test_the_picture_has_an_arrow_for_every_move_that_leads_to_another_stage() -> None:
    drawn = picture("en").splitlines()
    wanted = {(start, move.to) for move in MOVES for start in move.stages if move.to is not None}
    arrows = {tuple(line.split(":")[0].split(" --> ")) for line in drawn if " --> " in line and "[*]" not in line}
    assert {(start.strip(), end) for start, end in arrows} == {(start.value, end.value) for start, end in wanted}
    assert all(f"  {stage.value}: " in picture("en") for stage in Stage)
