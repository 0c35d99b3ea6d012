"""Secrets come from outside, by name, and leave in no message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rules.documents import nearest
from rules.problems import refuse


def secret_named(name: str, secrets: Mapping[str, str], source: str) -> str:
    """Return a secret; raise ``UserError`` with the nearest known name if there is none of this name."""
    if name in secrets:
        return secrets[name]
    near = nearest(name, secrets)
    raise refuse(
        "source/secret",
        source,
        f"The mapping names a secret '{name}', which is not given.",
        f"映射引用的密钥“{name}”未提供。",
        mend_en=f"Did you mean '{near}'?" if near else "Add it to the settings' secrets.",
        mend_zh=f"是否应为“{near}”？" if near else "请在设置中提供该密钥。",
    )


def redacted(text: str, hidden: Iterable[str]) -> str:
    """Return the text with every secret in it replaced."""
    for secret in hidden:
        if secret:
            text = text.replace(secret, "***")
    return text
