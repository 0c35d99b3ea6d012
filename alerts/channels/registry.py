"""Finds the kinds of channel by listing the folder and opens the configured ones; no other is imported."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

import alerts.channels as folder_of_kinds
from alerts.channels.base import Channel, ChannelSettings, Secrets
from rules.documents import Document, Plain, nearest, validate
from rules.problems import Place, Problem, UserError

_NO_KINDS: Final = frozenset({"base", "registry"})


def kinds() -> tuple[str, ...]:
    """Return the kinds of channel that there are, in alphabetical order, without importing them."""
    found = {module.name for module in pkgutil.iter_modules(folder_of_kinds.__path__)}
    return tuple(sorted(found - _NO_KINDS))


def settings_model(kind: str) -> type[ChannelSettings]:
    """Return the model of this kind's settings."""
    model: object = _module(kind).Settings
    if not (isinstance(model, type) and issubclass(model, ChannelSettings)):
        raise TypeError(f"alerts.channels.{kind}.Settings is not a ChannelSettings")
    return model


def open_channel(
    name: str,
    settings: Mapping[str, Plain],
    secrets: Secrets,
    folder: Path,
    file: str = "settings",
) -> Channel:
    """Return the channel that the table ``[channels.<name>]`` of the settings describes; nothing is sent yet.

    ``settings`` holds ``kind`` and the kind's own keys, ``folder`` is what relative paths start from. Raises
    ``UserError`` with every problem: an unknown kind or key, a secret that is not there.
    """
    place = Place(file)
    kind = str(settings.get("kind", ""))
    if kind not in kinds():
        raise UserError([_unknown_kind(name, kind, place)])
    table = Place(f"{file} [channels.{name}]")
    document = Document(table.file, dict(settings), {(key,): table for key in settings})
    checked = validate(settings_model(kind), document).inside(folder)
    missing = [secret for secret in checked.secret_names() if secret not in secrets]
    if missing:
        raise UserError(_missing_secret(name, secret, place) for secret in missing)
    channel: Channel = _module(kind).connect(checked, secrets)
    return channel


def _module(kind: str) -> ModuleType:
    return importlib.import_module(f"alerts.channels.{kind}")


def _unknown_kind(name: str, kind: str, place: Place) -> Problem:
    near = nearest(kind, kinds())
    known = ", ".join(kinds())
    return Problem(
        "channels/kind", place,
        f"The channel '{name}' has the kind '{kind}', which there is not.", f"渠道“{name}”的类型“{kind}”不存在。",
        f"Did you mean '{near}'?" if near else f"Known are: {known}.",
        f"是否应为“{near}”？" if near else f"可用的有：{known}。",
    )  # fmt: skip


def _missing_secret(name: str, secret: str, place: Place) -> Problem:
    return Problem(
        "channels/secret", place,
        f"The channel '{name}' needs the secret '{secret}', which is not there.",
        f"渠道“{name}”需要密钥“{secret}”，但未找到。",
        f"Put it into a file named '{secret}' in the folder that secrets_dir names.",
        f"请在 secrets_dir 所指文件夹中放入名为“{secret}”的文件。",
    )  # fmt: skip
