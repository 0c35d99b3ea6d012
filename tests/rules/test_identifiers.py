"""The unified social credit code and its check digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.identifiers import USCC_ALPHABET, is_uscc, uscc_check_digit

KNOWN = ["91350100M000100Y43", "91110000600037341L"]


@pytest.mark.parametrize("code", KNOWN)
def test_a_known_complete_code_is_right(code: str) -> None:
    assert uscc_check_digit(code[:-1]) == code[-1]
    assert is_uscc(code)


@given(code=st.sampled_from(KNOWN), place=st.integers(0, 17), other=st.sampled_from(USCC_ALPHABET))
def test_any_changed_digit_fails(code: str, place: int, other: str) -> None:
    changed = code[:place] + other + code[place + 1 :]

    assert is_uscc(changed) == (changed == code)


@pytest.mark.parametrize("letter", "IOSVZ")
def test_a_letter_that_looks_like_a_digit_fails(letter: str) -> None:
    assert not is_uscc(f"9135010{letter}M000100Y43"[:18])
    with pytest.raises(ValueError, match="is not 17 characters"):
        uscc_check_digit(f"9135010{letter}M000100Y")


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100Y433", "91350100m000100y43"])
def test_a_code_of_another_shape_fails(code: str) -> None:
    assert not is_uscc(code)
