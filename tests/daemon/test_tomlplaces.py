"""Every value of a TOML text is found where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from daemon.tomlplaces import with_places
from rules.documents import Path_, Plain

WORDS = st.text("abcxyz_-", min_size=1, max_size=6)
SCALARS = st.integers() | st.booleans() | st.text("ab\"\\#]}=,'\n\t中", max_size=8)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))


def written(value: Plain) -> str:
    """Return a value as TOML, inline."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, list):
        return "[ " + ", ".join(map(written, value)) + " ]"
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{key}" = {written(inner)}' for key, inner in value.items()) + "}"
    return str(value)


def scalars(value: Plain, path: Path_) -> Iterator[tuple[Path_, Plain]]:
    """Yield every scalar with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from scalars(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from scalars(inner, (*path, index))
    else:
        yield path, value


@given(st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=4), max_size=4), st.booleans())
def test_every_value_stands_where_it_is_said_to_stand(tables: dict[str, dict[str, Plain]], array: bool) -> None:
    """Reading the text at a value's place gives that value again."""
    opening, closing = ("[[", "]]") if array else ("[", "]")
    lines = []
    for name, table in tables.items():
        lines.append(f"{opening}{name}{closing}  # a table")
        lines += [f"  {key} = {written(value)} # why" for key, value in table.items()]
    text = "\n".join(lines)

    document = with_places(text, "f.toml", tomllib.loads(text))

    for path, value in scalars(document.data, ()):
        place = document.places[path]
        assert place.line is not None
        assert place.column is not None
        cut = text.split("\n")[place.line - 1][place.column - 1 : place.column - 1 + place.width]
        assert tomllib.loads(f"v = {cut}")["v"] == value


def test_texts_over_several_lines_and_dotted_keys_are_found() -> None:
    """Arrays of tables within arrays of tables, dotted keys and long texts keep their places."""
    text = (
        "a.b = '''x\n]y'''\n[[s]]\nt = 1\n[[s.u]]\nq = [\n  1, # one\n  2]\n"
        '[[s]]\n[s.w]\nz = """\nk"""\nn = 1979-05-27 07:32:00\n'
    )

    places = {path: str(place) for path, place in with_places(text, "f", tomllib.loads(text)).places.items()}

    assert places["a", "b"] == "f:1:7"
    assert places["s", 0, "t"] == "f:4:5"
    assert places["s", 0, "u", 0, "q", 1] == "f:8:3"
    assert places["s", 1, "w", "z"] == "f:11:5"
    assert places["s", 1, "w", "n"] == "f:13:5"
