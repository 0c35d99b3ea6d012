"""Severity profiles: the same rulebooks with other consequences and parameters, never with another condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from rules.documents import Document, nearest, parse, read_text, validate
from rules.problems import Problem, refuse
from rules.schema import ClockPart, DatedValue, ProfileClock, ProfilePart, ProfileRule, RulebookPart
from rules.strangers import strangers

PROFILES: Final = Path(__file__).parent / "profiles"


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A loaded severity profile; the default one changes nothing. The same text of a file is the same profile."""

    name: str = "default"
    rules: Mapping[str, ProfileRule] = field(default_factory=dict)
    parameters: Mapping[str, list[DatedValue]] = field(default_factory=dict)
    clocks: Mapping[str, ProfileClock] = field(default_factory=dict)
    written: tuple[Document, ProfilePart] | None = None

    def strangers(self, books: Iterable[RulebookPart]) -> list[Problem]:
        """Return a problem for each name in the profile's file that no rulebook bears."""
        return strangers(*self.written, books) if self.written is not None else []

    def clock(self, name: str, part: ClockPart) -> ClockPart:
        """Return a clock as it counts under this profile."""
        over = self.clocks.get(name)
        return part if over is None else part.model_copy(update=over.model_dump(exclude_none=True))


DEFAULT: Final = Profile()


def load_profile(profile: Path | str | None) -> Profile:
    """Return the profile by its name (a shipped one) or file; None or ``default`` changes nothing."""
    if profile is None or profile == "default":
        return DEFAULT
    path = profile if isinstance(profile, Path) else PROFILES / f"{profile}.yaml"
    if not path.exists():
        known = sorted(["default", *(p.stem for p in PROFILES.glob("*.yaml"))])
        near = nearest(str(profile), known)
        raise refuse(
            "profile/unknown", str(profile), "There is no such severity profile.", "没有这个处置档。",
            mend_en=f"Did you mean '{near}'?" if near else f"Known are: {', '.join(known)}.",
            mend_zh=f"是否应为“{near}”？" if near else f"已有：{'、'.join(known)}。",
        )  # fmt: skip
    return _read(read_text(path), str(path))


@lru_cache(maxsize=16)
def _read(text: str, file: str) -> Profile:
    document = parse(text, file)
    part = validate(ProfilePart, document)
    return Profile(part.profile, part.rules, part.parameters, part.clocks, (document, part))
