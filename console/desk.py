"""What every page is given: the ledger, the callables that the daemon lends, and how to render a template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from alerts.documents.model import Office
from console.access.access import Access
from console.access.callers import calling
from console.access.roles import role_label
from console.errands import Errands
from console.loop import Loop
from console.places import places
from console.prepared import Prepared
from console.screens import Screens
from console.shown import helpers, stacked
from console.timeleft import TimeLeft
from console.trials import Trials
from console.workshop import Workshop
from ledger import Ledger
from ledger.views import Month
from rules.explanation import Explanation
from rules.facts import Case, CaseEvent, Instant
from rules.policy import Policy
from rules.problems import Language
from rules.supervised import Supervised
from rules.telling import Units, attribute
from rules.telling import because as told_because

HERE: Final = Path(__file__).parent

Covered: TypeAlias = Callable[[Iterable[CaseEvent]], tuple[Supervised, ...]]
"""What the law in force can say by what these events report."""
Titles: TypeAlias = Mapping[tuple[str, str], Mapping[str, str]]
"""The titles of clocks, rules and units in both languages, by (``clock``, ``rule`` or ``unit``, name)."""

_UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""What can hide in a text or turn the writing of what stands beside it: controls, and overrides of direction."""


def _seen(value: object) -> object:
    """Return what a template puts out, with a sign in place of everything that would not be seen."""
    if not isinstance(value, str) or _UNSEEN.search(value) is None:
        return value
    mended = _UNSEEN.sub("\ufffd", value)
    return Markup(mended) if isinstance(value, Markup) else mended  # noqa: S704  # as safe as it was


_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_seen,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages work with. ``explain`` words a light, ``policies`` its rules; ``troubles`` says what keeps the
    daemon from being ready, ``loop`` how cards are dealt with,
    ``workshop`` how the law is worked on, ``trials`` and ``errands`` what runs in the background, ``office`` who issues documents.
    """

    ledger: Ledger
    now: Callable[[], Instant]
    metrics: Callable[[], bytes]
    troubles: Callable[[], Sequence[str]]
    explain: Callable[[Case], Explanation]
    titles: Titles
    policies: Mapping[str, Policy]
    zone: str
    language: Language
    refresh: int
    access: Access
    loop: Loop
    covered: Covered
    workshop: Workshop
    remaining: TimeLeft | None = None
    trials: Trials = field(default_factory=Trials)
    screens: Screens = field(default_factory=Screens)
    prepared: Prepared[Month] = field(default_factory=Prepared)
    errands: Errands = field(default_factory=Errands)
    office: Office = field(default_factory=Office)

    def render(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return the page in the language that was asked for; it knows ``who`` asks and their ``form_token``."""
        language, now, caller = self.asked(request), self.now(), calling(request)
        asking = caller.who if caller is not None and not caller.owes else None
        other: Language = "en" if language == "zh" else "zh"

        def title(kind: str, name: str) -> str:
            return self.titles.get((kind, name), {}).get(language, "")

        text = _TEMPLATES.get_template(name).render(
            language=language,
            other_url=str(request.url.include_query_params(lang=other).replace(scheme="", netloc="")).removeprefix(
                "//"
            ),
            home_url="/" if language == self.language else f"/?lang={language}",
            suffix="" if language == self.language else f"?lang={language}",
            now=now,
            refresh=self.refresh,
            who=asking,
            places=places(asking),
            path=request.url.path,
            form_token=caller.form_token if caller is not None else "",
            role=lambda each: role_label(each, language),
            stacked=stacked,
            title=title,
            doubt=lambda because: told_because(because, language, title),
            case_name=lambda case: (title("unit", case.case_no) if case.kind == "unit" else "") or case.case_no,
            attribute=lambda name, value: attribute(name, value, language, self.units, self.zone),
            **helpers(language, self.zone, now),
            **values,
        )
        return HTMLResponse(text, status)

    @property
    def units(self) -> Units:
        """The names of the units by their code."""
        return _Units(self.titles)

    def asked(self, request: Request) -> Language:
        """Return the language that the address asks for, else the centre's own."""
        wanted = request.query_params.get("lang")
        return cast("Language", wanted) if wanted in {"zh", "en"} else self.language


class _Units(Mapping[str, Mapping[str, str]]):
    """The names of the units, as they stand among the titles."""

    def __init__(self, titles: Titles) -> None:
        self._titles = titles

    def __getitem__(self, code: str) -> Mapping[str, str]:
        return self._titles["unit", code]

    def __iter__(self) -> Iterator[str]:
        return (name for kind, name in self._titles if kind == "unit")

    def __len__(self) -> int:
        return sum(1 for _ in self)


def desk_of(request: Request) -> Desk:
    """Return the desk of the application that serves this request."""
    desk: Desk = request.app.state.desk
    return desk
