"""Links that sign in once: for the first administrator, for new people, for the sample county."""

from __future__ import annotations

from typing import Final

from ledger import Ledger
from rules.facts import Instant

CHOOSE_PASSWORD: Final = "choose_password"  # noqa: S105  # a purpose, not a secret
JUST_SIGN_IN: Final = "just_sign_in"
PATH: Final = "/sign-in/link/"
DAY: Final = 86_400


def one_time_link(
    ledger: Ledger, account: str, base_url: str, now: Instant, *, purpose: str = CHOOSE_PASSWORD, seconds: int = DAY
) -> str:
    """Return an address by which ``account`` signs in once within ``seconds``; an earlier one no longer works.

    With ``CHOOSE_PASSWORD`` the person has to choose one before anything else; ``JUST_SIGN_IN`` asks for none.
    """
    return f"{base_url.rstrip('/')}{PATH}{ledger.accounts.sessions.new_link(account, now, purpose, seconds)}"
