"""Words about a figure of a unit beside its peers: ``compared(return_share).value > compared(return_share).limit``.

The figures are facts that plain code works out over many cases of a dated window (``rules.peers``): an event
``peers_compared`` with ``measure``, ``value``, ``limit`` (mean + 2 sigma of the peers) and ``peers``.
"""

from __future__ import annotations

from typing import Final

from rules.facts import Value
from rules.language import Type, WordInfo
from rules.view import View
from rules.vocabulary.base import call

FIGURE: Final = WordInfo(
    Type.RECORD,
    fields={"value": WordInfo(Type.SHARE), "limit": WordInfo(Type.SHARE), "peers": WordInfo(Type.NUMBER)},
)


def _describe(args: tuple[str, ...]) -> WordInfo | None:
    return FIGURE if len(args) == 1 else None


@call("compared", _describe, hears=lambda _args, _rest: (("peers_compared",),))
def compared(view: View, args: tuple[str, ...], rest: tuple[str, ...]) -> Value:
    """``compared(return_share).value``: what the latest comparison of that measure says; missing where there is none."""
    for event in reversed(view.events):
        if event.name == "peers_compared" and event.data.get("measure") == args[0]:
            return event.data.get(rest[0])
    return None
