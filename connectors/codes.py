"""Code maps: what the codes of one source mean, every one of them written out.

The same code means different things in different places (result ``1`` is *refused* in Shandong and *returned* in
Guangdong), so nothing is assumed: an unknown code is a finding, never a default. ``null`` says that a code is known and
says nothing; ``as_is`` says in writing that codes which are not listed pass unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.quarantine import DoesNotFit, clip
from rules.documents import nearest
from rules.facts import Value


def compile_codes(column: str, codes: Mapping[str, Value], *, as_is: bool = False) -> Callable[[str], Value]:
    """Return the function that reads one code of ``column``; it raises ``DoesNotFit`` (code/unknown) for a strange one."""
    known = dict(codes)

    def read(text: str) -> Value:
        try:
            return known[text]
        except KeyError:
            if as_is:
                return text
            raise unknown_code(column, text, known) from None

    return read


def unknown_code(column: str, text: str, known: Mapping[str, object]) -> DoesNotFit:
    """Return the finding for a code that the mapping does not list, with the nearest that it does."""
    near = nearest(text, known)
    shown = clip(text, 60)
    en = f"'{shown}' in {column} is not in the code map."
    zh = f"{column} 中的“{shown}”不在代码表内。"
    if near is not None:
        en, zh = f"{en} The nearest is '{near}'.", f"{zh}最接近的是“{near}”。"
    return DoesNotFit(
        column,
        "code/unknown",
        f"{en} Ask the department what it means and add it under 'codes:'.",
        f"{zh}请向业务部门核实后写入 codes:。",
    )
