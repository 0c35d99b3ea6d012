"""``mingdeng verify``: whether the ledger's chains hold, whether a printed document is genuine, whether a pack is unaltered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from daemon.cli.language import chosen, say
from daemon.cli.options import CONFIG, Config
from rules.problems import refuse

if TYPE_CHECKING:
    from alerts.documents.checking import Checked
    from ledger import Ledger

FAILED: Final = 1


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("verify")
    def verify(
        what: Annotated[
            str, typer.Argument(help="A check code, or the file of an evidence pack; without it the whole ledger.")
        ] = "",
        heads: Annotated[
            Path | None, typer.Option(help="Heads of the chains as an earlier run printed them, kept off the host.")
        ] = None,
        offline: Annotated[bool, typer.Option(help="Verify a pack by itself, without a ledger.")] = False,
        config: Config = CONFIG,
    ) -> int:
        """Verify the ledger's hash chains, a document by its check code, or an evidence pack; exit 1 if one does not hold.

        Without an argument the last line of each chain is printed; keep it elsewhere, it proves later what stands today.
        """
        known = _read_heads(heads)
        if offline or _is_pack(what):
            return _pack(what, known, None if offline else _url(config))
        return _with_ledger(_url(config), lambda ledger: _code(ledger, what) if what else _chains(ledger, known))


def _chains(ledger: Ledger, known: str) -> int:
    """Recompute every chain, and print its head."""
    from ledger.chain import heads, linked
    from rules.problems import render

    problems = ledger.verify()
    if problems:
        print(render(problems, chosen()))
    strayed = [line for line in known.splitlines() if line.strip() and not linked(ledger.store, *_head(line))]
    for line in strayed:
        print(say(f"The chain no longer holds what was kept: {line}", f"链与异地保存的链头不符：{line}"))
    for chain, (position, hash_) in sorted(heads(ledger.store).items()):
        print(f"{chain} {position} {hash_}")
    return FAILED if problems or strayed else 0


def _code(ledger: Ledger, text: str) -> int:
    """Say whether a printed code is genuine, and what it stands for."""
    from alerts.documents.as_text import as_text
    from alerts.documents.model import typed_code
    from ledger import views

    code = typed_code(text)
    if code is None:
        raise refuse(
            "verify/code", text, "This is neither a check code nor a file.", "这既不是校验码，也不是文件。",
            mend_en="A check code looks like ABCD-EFGH-2345-67AB; it has no 0, 1, 8 or 9.",
            mend_zh="校验码形如 ABCD-EFGH-2345-67AB，不含 0、1、8、9。",
        )  # fmt: skip
    found = views.genuine(ledger, code)
    if found is None:
        print(
            say(f"✗ No document bears the code {code}: it is not genuine.", f"✗ 没有校验码为 {code} 的文书：不是真件。")
        )
        return FAILED
    if not found.unaltered:
        print(say(f"✗ {code}: the ledger's own copy was altered.", f"✗ {code}：台账中的文书内容已被改动。"))
        return FAILED
    print(say(f"✓ {code} is genuine. It stands for:", f"✓ {code} 为真件，其内容为："))
    print(as_text(found.kept.document, chosen()))
    return 0


def _pack(file: str, heads: str, url: str | None) -> int:
    """Verify an evidence pack by itself, then (``url``) whether its links are those of the ledger."""
    from alerts.documents.checking import check

    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise refuse(
            "verify/file", file, f"The file cannot be read: {error.strerror}.", f"无法读取文件：{error.strerror}。"
        ) from error
    checked = check(content, heads)
    strayed = _with_ledger(url, lambda ledger: _strayed(ledger, checked)) if url is not None else 0
    for fault in checked.faults:
        print(f"✗ {say(fault.en, fault.zh)}")
    if checked.faults or strayed:
        return FAILED
    count, links = checked.files, len(checked.links)
    print(
        say(
            f"✓ {checked.card_id}: {count} files and {links} links hold.",
            f"✓ {checked.card_id}：{count} 个文件、{links} 个环节均相符。",
        )
    )
    if url is None:
        print(say(
            "  Without the ledger: whether its chains hold these links, `mingdeng verify FILE` beside it tells.",
            "  未对照台账：各环节是否在台账链上，请在台账所在主机运行 mingdeng verify 文件。",
        ))  # fmt: skip
    return 0


def _strayed(ledger: Ledger, checked: Checked) -> int:
    """Print the links of a pack that the ledger's chains do not hold; return how many."""
    from ledger.chain import linked

    strayed = [each for each in checked.links if not linked(ledger.store, each.chain, each.position, each.hash)]
    for each in strayed:
        print(say(
            f"✗ {each.chain} #{each.position} is not in the ledger.", f"✗ {each.chain} #{each.position} 不在台账链上。"
        ))  # fmt: skip
    return len(strayed)


def _is_pack(what: str) -> bool:
    return what.lower().endswith(".zip") or (bool(what) and Path(what).is_file())


def _head(line: str) -> tuple[str, int, str]:
    chain, position, hash_ = [*line.split(), "", "", ""][:3]
    return chain, int(position) if position.isdecimal() else 0, hash_


def _read_heads(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise refuse(
            "verify/heads", path, f"The heads cannot be read: {error}.", f"无法读取链头文件：{error}。"
        ) from error


def _url(config: Path) -> str:
    from daemon.settingsfile import load_settings

    return load_settings(config).ledger.url


def _with_ledger(url: str, ask: Callable[[Ledger], int]) -> int:
    from ledger import Ledger

    ledger = Ledger(url)
    try:
        ledger.check()
        return ask(ledger)
    finally:
        ledger.close()
