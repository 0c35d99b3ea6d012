"""The secrets that the environment holds as ``MINGDENG_SECRETS__NAME``, as the daemon reads them."""

from __future__ import annotations

import os
from typing import Final

PREFIX: Final = "MINGDENG_SECRETS__"


def of_environment() -> dict[str, str]:
    """Return the secrets by their names in small letters."""
    return {name[len(PREFIX) :].lower(): value for name, value in os.environ.items() if name.startswith(PREFIX)}
