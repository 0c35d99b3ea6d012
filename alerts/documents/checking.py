"""Verifies an evidence pack without the system: every file by its digest, every link of the chain by its hash.

This file needs nothing but Python and lies in every pack as ``verify.py``: ``python3 verify.py PACK.zip [--heads FILE]``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

LARGEST = 1024 * 1024 * 1024
GENESIS = "0" * 64


class Fault(NamedTuple):
    """One thing that does not hold, in English and Chinese."""

    en: str
    zh: str


class Link(NamedTuple):
    """One row of a chain as the pack shows it."""

    chain: str
    position: int
    before: str
    content: str
    hash: str


class Checked(NamedTuple):
    """What a pack says of itself, and everything in it that does not hold."""

    card_id: str
    files: int
    links: tuple[Link, ...]
    faults: tuple[Fault, ...]


def check(pack: bytes, heads: str = "") -> Checked:
    """Verify a pack; ``heads`` are lines ``chain position hash`` that were kept off the host. Never raises."""
    try:
        with zipfile.ZipFile(io.BytesIO(pack)) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST:
                return _unreadable("it is too large", "过大")
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files["manifest.json"])
        links = tuple(Link(*(each[name] for name in Link._fields)) for each in json.loads(files["proof/links.json"]))
        faults = [
            *_files(files, manifest["files"]),
            *_links(links),
            *_contents(files, links),
            *_heads(files, links, heads),
        ]
        return Checked(str(manifest["card"]), len(files), links, tuple(faults))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, RuntimeError, NotImplementedError, OSError) as error:
        return _unreadable(f"{type(error).__name__}", f"{type(error).__name__}")


def _unreadable(en: str, zh: str) -> Checked:
    return Checked(
        "", 0, (), (Fault(f"This is no evidence pack that can be read ({en}).", f"无法读取此证据包（{zh}）。"),)
    )


def _files(files: dict[str, bytes], listed: dict[str, str]) -> list[Fault]:
    """Find files that are missing, that were added, or that were altered."""
    own = set(files) - {"manifest.json"}
    return [
        *(Fault(f"{name} is missing.", f"缺少 {name}。") for name in sorted(set(listed) - own)),
        *(Fault(f"{name} was added.", f"{name} 是后来加入的。") for name in sorted(own - set(listed))),
        *(
            Fault(f"{name} was altered.", f"{name} 被改动。")
            for name in sorted(own & set(listed))
            if hashlib.sha256(files[name]).hexdigest() != listed[name]
        ),
    ]


def _links(links: tuple[Link, ...]) -> list[Fault]:
    """Recompute every link, and hold neighbours in a chain against each other."""
    faults, hashes = [], {(link.chain, link.position): link.hash for link in links}
    for link in links:
        where = f"{link.chain} #{link.position}"
        if hashlib.sha256(bytes.fromhex(link.before) + link.content.encode()).hexdigest() != link.hash:
            faults.append(Fault(f"The link {where} does not hold.", f"环节 {where} 的链值不符。"))
        if json.loads(link.content)[0] != link.position:
            faults.append(Fault(f"The link {where} stands at another position.", f"环节 {where} 的位置不符。"))
        before = GENESIS if link.position == 1 else hashes.get((link.chain, link.position - 1), link.before)
        if before != link.before:
            faults.append(
                Fault(f"The link {where} does not follow the one before it.", f"环节 {where} 与前一环节不衔接。")
            )
    return faults


def _contents(files: dict[str, bytes], links: tuple[Link, ...]) -> list[Fault]:
    """Hold what people read (changes, card, documents) against what stands under the hashes."""
    changes = [json.loads(_last(link)) for link in links if link.chain == "card_changes"]
    faults = []
    if json.loads(files["changes.json"]) != changes:
        faults.append(Fault("changes.json is not what the chain holds.", "changes.json 与链上内容不符。"))
    if changes and json.loads(files["card.json"]) != changes[-1]["card"]:
        faults.append(Fault("card.json is not how the last change left the card.", "card.json 与最后一次变更不符。"))
    for link in links:
        if link.chain == "documents":
            name = f"documents/{link.position}.json"
            if files.get(name) != _last(link):
                faults.append(Fault(f"{name} is not what the chain holds.", f"{name} 与链上内容不符。"))
    for name, sha256 in _papers(changes).items():
        if hashlib.sha256(files.get(name, b"")).hexdigest() != sha256:
            faults.append(Fault(f"{name} is not the paper that was attached.", f"{name} 与当时所附材料不符。"))
    return faults


def _papers(changes: list[dict[str, object]]) -> dict[str, str]:
    """Return under which name each paper that a change names lies in the pack, and its digest."""
    found = {}
    for change in changes:
        done = change.get("done")
        for paper in done.get("evidence", []) if isinstance(done, dict) else []:
            found[f"papers/{paper['sha256']}"] = str(paper["sha256"])
    return found


def _last(link: Link) -> bytes:
    try:
        return base64.b64decode(json.loads(link.content)[-1], validate=True)
    except binascii.Error as error:
        raise ValueError("content") from error


def _heads(files: dict[str, bytes], links: tuple[Link, ...], heads: str) -> list[Fault]:
    """Hold links and heads of the pack against a copy of heads that was kept elsewhere."""
    known = {(link.chain, link.position): link.hash for link in links}
    for head in json.loads(files["proof/heads.json"]):
        known[head["chain"], head["position"]] = head["hash"]
    faults = []
    for line in heads.splitlines():
        chain, position, hash_ = [*line.split(), "", "", ""][:3]
        if position.isdecimal() and known.get((chain, int(position)), hash_) != hash_:
            where = f"{chain} #{position}"
            faults.append(Fault(f"{where} is not what the copy of the heads says.", f"{where} 与异地保存的链头不符。"))
    return faults


def main() -> int:
    """Verify the pack that the command line names; 0 if everything holds."""
    if len(sys.argv) < 2:
        print("python3 verify.py PACK.zip [--heads FILE]")  # noqa: T201
        return 2
    heads = Path(sys.argv[3]).read_text(encoding="utf-8") if sys.argv[2:3] == ["--heads"] and len(sys.argv) > 3 else ""
    checked = check(Path(sys.argv[1]).read_bytes(), heads)
    for fault in checked.faults:
        print(f"✗ {fault.zh} {fault.en}")  # noqa: T201
    if not checked.faults:
        print(f"✓ {checked.card_id}: {checked.files} 个文件、{len(checked.links)} 个环节均相符。")  # noqa: T201
        print(f"  {checked.files} files and {len(checked.links)} links hold.")  # noqa: T201
    return 1 if checked.faults else 0


if __name__ == "__main__":
    sys.exit(main())
