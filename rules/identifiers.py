"""Identifiers with a check digit: the unified social credit code (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

from typing import Final

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and letters without I, O, S, V, Z, which are too like 1, 0, 5, U and 2."""

_LENGTH: Final = 18


def uscc_check_digit(first_seventeen: str) -> str:
    """Return the check digit of the first 17 characters; raise ``ValueError`` if they are not 17 of the alphabet."""
    if len(first_seventeen) != _LENGTH - 1 or not set(first_seventeen) <= set(USCC_ALPHABET):
        raise ValueError(f"'{first_seventeen}' is not 17 characters of {USCC_ALPHABET}")
    total = sum(USCC_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(first_seventeen))
    return USCC_ALPHABET[-total % 31]


def is_uscc(code: str) -> bool:
    """Say whether ``code`` is a complete unified social credit code whose check digit is right."""
    if len(code) != _LENGTH or not set(code) <= set(USCC_ALPHABET):
        return False
    return uscc_check_digit(code[:-1]) == code[-1]
