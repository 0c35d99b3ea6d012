"""What somebody may write into a field to make a page, a table or a program do something: one table for all tests."""

from __future__ import annotations

from typing import Final

EVIL: Final[dict[str, str]] = {
    "script": "<script>alert('evil')</script>",
    "attribute": "\"'><img src=x onerror=alert('evil')>",
    "address": "javascript:alert('evil')",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "command": "+1+cmd|'/C calc'!A0",
    "at": "@SUM(1+1)*cmd|evil",
    "minus": "-2+3+cmd|evil",
    "template": "{{1337*7331}}${1337*7331}<%= 1337*7331 %>{% raise %}",
    "path": "..%2f..%2f../../../etc/passwd",
    "lines": "evil\r\nSet-Cookie: evil=1\r\n\r\n<script>alert('evil')</script>",
    "long": "长" * 5_000,
    "direction": "gnp.\u202egnp.exe\u2066",
    "nul": "evil\x00evil",
    "surplus": "%s%n{0}{evil}\\u003cscript\\u003e",
}

PRODUCT: Final = str(1337 * 7331)
"""What stands in an answer if a template of somebody was worked out."""
