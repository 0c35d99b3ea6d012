"""Writes docs/settings.md from the settings model, so that the page cannot disagree with the program."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from alerts.channels.registry import kinds, settings_model
from daemon.settings import Settings

HEAD = """\
# Settings

`mingdeng run --config mingdeng.toml` reads one TOML file. What stands there is overruled by a secret file, and that by
an environment variable:

| place | example | good for |
|---|---|---|
| settings file | `[console]` `port = 8600` | everything but secrets |
| file in `secrets_dir` | a file named `ledger__url` | a setting that holds a password |
| environment | `MINGDENG_CONSOLE__PORT=8600` | containers |

Every other file in `secrets_dir` is a secret by its own (small) name; mappings and channels refer to it by that name.
`MINGDENG_SECRETS__NAME` does the same. Relative paths are taken from the folder of the settings file. Lengths of time
are written `30s`, `5m`, `1h`. Everything that is wrong is reported at once, with its place, and nothing starts.

The least that works:

```toml
[owner]
name = "纪检监察室"
tell = [{channel = "inbox", address = "inbox"}]

[channels.inbox]
kind = "log"

[[sources]]
mapping = "sources/licences.yaml"
interval = "1m"
```
"""


def page() -> str:
    """Return the text of docs/settings.md."""
    lines = [HEAD, "## Top level\n"]
    loose = {n: f for n, f in Settings.model_fields.items() if _section(f) is None}
    lines += [*_table(loose), ""]
    for name, info in Settings.model_fields.items():
        section = _section(info)
        if section is not None:
            lines += _chapter(_header(name, info), section, required=info.is_required())
    return "\n".join([*lines, *_channels()]).rstrip() + "\n"


def _channels() -> Iterator[str]:
    yield "## Kinds of channel\n"
    for kind in kinds():
        model = settings_model(kind)
        yield f'### `kind = "{kind}"`\n\n{(inspect.getdoc(model) or "").strip()}\n'
        yield from _table({name: info for name, info in model.model_fields.items() if name != "kind"})
        yield ""


def _chapter(header: str, section: type[BaseModel], *, required: bool) -> Iterator[str]:
    must = " Required." if required else ""
    yield f"## `{header}`\n\n{(section.__doc__ or '').strip()}{must}\n"
    yield from _table(section.model_fields)
    yield ""
    for name, info in section.model_fields.items():
        inner = _section(info)
        if inner is not None:
            yield f"Each entry of `{name}` is {{{', '.join(f'{key} = ...' for key in inner.model_fields)}}}."
            yield " ".join(f"`{key}`: {field.description}" for key, field in inner.model_fields.items()) + "\n"


def _table(fields: dict[str, FieldInfo]) -> Iterator[str]:
    yield "| key | default | meaning |\n|---|---|---|"
    for name, info in fields.items():
        yield f"| `{name}` | {_default(info)} | {(info.description or '').strip()}{_choices(info)} |"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    value = info.get_default()
    if value in (None, (), {}):
        return "none"
    return f"`{value}`" if not isinstance(value, str | Path) else f'`"{value}"`'


def _choices(info: FieldInfo) -> str:
    if get_origin(info.annotation) is not Literal:
        return ""
    return f" One of {', '.join(f'`{choice}`' for choice in get_args(info.annotation))}."


def _section(info: FieldInfo) -> type[BaseModel] | None:
    def find(annotation: object) -> type[BaseModel] | None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation
        return next((found for inner in get_args(annotation) if (found := find(inner))), None)

    return find(info.annotation)


def _header(name: str, info: FieldInfo) -> str:
    if get_origin(info.annotation) is tuple:
        return f"[[{name}]]"
    return f"[{name}.NAME]" if get_origin(info.annotation) is dict else f"[{name}]"


if __name__ == "__main__":
    Path("docs/settings.md").write_text(page(), encoding="utf-8")
