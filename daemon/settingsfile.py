"""Reads the settings and says everything that is wrong with them at once, each problem where it was written."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_settings import SettingsError

from daemon.settings import Recipient, Settings
from daemon.settingsproblems import Origins, own_faults, problem_of, unknown_environment
from daemon.tomlplaces import with_places
from rules.documents import Document, Path_, Plain, nearest, read_text
from rules.problems import Place, Problem, UserError, refuse

DEFAULT_FILE: Final = Path("mingdeng.toml")
_TOML_PLACE: Final = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_SQLITE: Final = "sqlite:///"


def load_settings(path: Path) -> Settings:
    """Return the settings of ``path`` and of the environment; raise ``UserError`` with every problem and its place."""
    document = _read(path)
    data = document.data if isinstance(document.data, dict) else {}
    problems = [*_written_secrets(document, data), *unknown_environment(os.environ)]
    folder = path.resolve().parent
    secrets_dir = _secrets_dir(data, folder)
    if secrets_dir is not None and not secrets_dir.is_dir():
        problems.append(_no_folder(document, secrets_dir))
        secrets_dir = None
    settings, found = _validated(document, data, secrets_dir)
    problems += found
    if settings is not None:
        problems += _untold_channels(settings, document)
    if problems or settings is None:
        raise UserError(problems)
    return _resolved(settings, folder, secrets_dir)


def _read(path: Path) -> Document:
    if not path.exists():
        raise refuse(
            "settings/missing", path, "There is no such settings file.", "没有这个配置文件。",
            mend_en="Name one with --config, or try `mingdeng sample up`, which brings its own.",
            mend_zh="请用 --config 指定，或先运行自带配置的 mingdeng sample up。",
        )  # fmt: skip
    text = read_text(path)
    try:
        data: dict[str, Plain] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError([_malformed(path, text, str(error))]) from error
    return with_places(text.replace("\r\n", "\n"), str(path), data)


def _malformed(path: Path, text: str, said: str) -> Problem:
    match = _TOML_PLACE.search(said)
    line, column = (int(match[1]), int(match[2])) if match else (text.count("\n") + 1, 1)
    said = _TOML_PLACE.sub("", said).removesuffix(" (at end of document)")
    return Problem(
        "settings/toml", Place(str(path), line, column),
        f"This is not well-formed TOML: {said}.", f"TOML 格式错误：{said}。",
        'Texts stand in quotes (name = "..."), tables in brackets ([console]), each key once.',
        '文本须加引号（name = "…"），表名须加方括号（[console]），每个键只写一次。',
    )  # fmt: skip


def _written_secrets(document: Document, data: Mapping[str, Plain]) -> Iterator[Problem]:
    if "secrets" in data:
        yield Problem(
            "settings/secret-in-file", document.key_place(("secrets",)),
            "A secret must not stand in the settings file.", "配置文件中不得写入密钥。",
            "Put it into a file of its own in the folder that secrets_dir names.",
            "请放入 secrets_dir 所指文件夹中的单独文件。",
        )  # fmt: skip


def _secrets_dir(data: Mapping[str, Plain], folder: Path) -> Path | None:
    named = os.environ.get("MINGDENG_SECRETS_DIR") or data.get("secrets_dir")
    return folder / named if isinstance(named, str) else None


def _no_folder(document: Document, secrets_dir: Path) -> Problem:
    return Problem(
        "settings/secrets-dir", document.place(("secrets_dir",)),
        f"There is no folder {secrets_dir}.", f"没有文件夹 {secrets_dir}。",
        "Make it, readable by this user only, or remove secrets_dir.", "请创建（仅本用户可读），或删除 secrets_dir。",
    )  # fmt: skip


def _validated(
    document: Document, data: Mapping[str, Plain], secrets_dir: Path | None
) -> tuple[Settings | None, list[Problem]]:
    written: dict[str, Plain] = {key: value for key, value in data.items() if key != "secrets"}
    written["secrets"] = dict(_secret_files(secrets_dir))
    origins = Origins(document, os.environ, secrets_dir)
    try:
        return Settings(_secrets_dir=secrets_dir, **written), []  # type: ignore[arg-type]  # validated by the model
    except ValidationError as error:
        return None, [problem_of(detail, origins) for detail in own_faults(error.errors())]
    except SettingsError as error:
        return None, [_not_json(error)]


def _not_json(error: SettingsError) -> Problem:
    match = re.search(r'field "(\w+)"', str(error))
    name = f"MINGDENG_{match[1].upper()}" if match else "MINGDENG_*"
    return Problem(
        "settings/environment", Place(name), "This variable has to hold JSON.", "此环境变量必须是 JSON。",
        f"Set single keys instead, such as {name}__KEY.", f"可改为设置单个键，如 {name}__KEY。",
    )  # fmt: skip


def _secret_files(secrets_dir: Path | None) -> Iterator[tuple[str, str]]:
    """Yield the secrets by name; a file ``section__key`` is a setting and not one of them."""
    for file in sorted(secrets_dir.iterdir()) if secrets_dir else ():
        if file.is_file() and not file.name.startswith(".") and "__" not in file.name:
            yield file.name, read_text(file).strip()


def _untold_channels(settings: Settings, document: Document) -> Iterator[Problem]:
    told: list[tuple[Path_, Recipient]] = [(("owner", "tell", n), r) for n, r in enumerate(settings.owner.tell)]
    for number, route in enumerate(settings.routes):
        told += [(("routes", number, "tell", n), r) for n, r in enumerate(route.tell)]
    for number, turn in enumerate(settings.alerts.duty):
        told += [(("alerts", "duty", number, "tell", n), r) for n, r in enumerate(turn.tell)]
    named = [((*path, "channel"), each.channel) for path, each in told]
    named += [((*path, "fallback", "channel"), each.fallback.channel) for path, each in told if each.fallback]
    for path, channel in named:
        if channel not in settings.channels:
            near = nearest(channel, settings.channels)
            yield Problem(
                "settings/channel", document.place(path),
                f"There is no channel '{channel}'.", f"没有通道“{channel}”。",
                f"Did you mean '{near}'?" if near else f"Add a table [channels.{channel}].",
                f"是否应为“{near}”？" if near else f"请添加 [channels.{channel}]。",
            )  # fmt: skip


def _resolved(settings: Settings, folder: Path, secrets_dir: Path | None) -> Settings:
    """Return the settings with every relative path taken from the settings file's folder."""
    rules, url = settings.rules, settings.ledger.url
    profile = rules.profile
    if profile is not None and Path(profile).suffix:
        profile = str(folder / profile)
    if url.startswith(_SQLITE) and not url.startswith((_SQLITE + "/", _SQLITE + ":memory:")):
        url = f"{_SQLITE}{folder / url.removeprefix(_SQLITE)}"
    sources = tuple(
        source.model_copy(
            update={"mapping": folder / source.mapping, "path": folder / source.path if source.path else None}
        )
        for source in settings.sources
    )
    return settings.model_copy(
        update={
            "ledger": settings.ledger.model_copy(update={"url": url}),
            "sources": sources,
            "secrets_dir": secrets_dir,
            "rules": rules.model_copy(
                update={
                    "books": tuple(folder / book for book in rules.books),
                    "calendars": tuple(folder / calendar for calendar in rules.calendars),
                    "items": folder / rules.items if rules.items else None,
                    "profile": profile,
                }
            ),
        }
    )
