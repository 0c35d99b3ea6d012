"""Puts an evidence pack together: a ZIP of files with their manifest, always the same bytes for the same files."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from alerts.documents import checking

FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
README: Final = Path(__file__).parent / "pack" / "README.md"


def packed(card_id: str, files: Mapping[str, bytes]) -> bytes:
    """Return the pack of a card: these files, how to read and verify them, and the digest of each."""
    own = {"README.md": README.read_bytes(), "verify.py": Path(checking.__file__).read_bytes()}
    every = {**files, **own}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(every.items())}
    manifest = as_json({"pack": 1, "card": card_id, "files": digests})
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [("manifest.json", manifest), *sorted(every.items())]:
            info = zipfile.ZipInfo(name, FIRST_DAY)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, content)
    return made.getvalue()


def as_json(value: object) -> bytes:
    """Return plain values as JSON that a person can read."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
