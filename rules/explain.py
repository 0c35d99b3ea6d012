"""Why this light, as plain text: every clock day by day, every finding with its condition, article and source rows.

An inspector and the inspected unit read the same page, so it says what counted, what did not and why, and by which
versions of rule, calendar and item.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.context import Context
from rules.explaining import explained
from rules.explanation import ClockStory, DayStory, Explanation, FindingStory, RowStory
from rules.facts import Case, Instant
from rules.glossary import label, worded
from rules.judgement import Moment
from rules.problems import Language
from rules.telling import attribute, key_name, reading, unit_name


def explain(case: Case, context: Context, at: Instant, language: Language = "zh") -> str:
    """Return the explanation of a case's light at an instant, as known now; raise ``UserError`` if it cannot be judged."""
    return as_text(explained(case, context, at), language)


def as_text(explanation: Explanation, language: Language) -> str:
    """Return an explanation as lines of text."""
    return "\n".join(_Page(explanation, language).lines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """One explanation in one language."""

    told: Explanation
    language: Language

    def lines(self) -> Iterator[str]:
        yield from self._head()
        for clock in self.told.clocks:
            yield ""
            yield from self._clock(clock)
        for finding in self.told.findings:
            yield ""
            yield from self._finding(finding)
        yield ""
        yield self._say("rows")
        for row in self.told.rows:
            yield f"  {self._row(row)}"

    def _say(self, key: str) -> str:
        return label("explain", key, self.language)

    def _moment(self, at: Instant, zone: str = "", provisional: bool = False) -> str:
        return worded(Moment(at, zone or self.told.zone, provisional), self.language)

    def _head(self) -> Iterator[str]:
        told, language = self.told, self.language
        colon = "：" if language == "zh" else ": "
        unit = unit_name(told.unit, language, told.units)
        yield f"{self._say('case')}{colon}{told.case_no}  {unit}  {told.item_name or told.item}"
        light, state = label("lights", told.light, language), label("case_states", told.state, language)
        brackets = ("（", "）") if language == "zh" else (" (", ")")
        because = told.because[language].join(brackets) if told.because else ""
        yield f"{self._moment(told.at)}{colon}{light} · {state}{because}"
        if told.known_at is not None:
            yield f"{self._say('known_at')} {self._moment(told.known_at)}"
        for note in told.notes:
            yield f"  {note[language]}"

    def _clock(self, clock: ClockStory) -> Iterator[str]:
        title = clock.title.get(self.language, clock.name) + (
            f" {key_name(clock.key, self.language, self.told.units)}" if clock.key else ""
        )
        yield f"{self._say('clock')} {title}"
        yield f"  {self._say('started')} {self._moment(clock.started_at, clock.zone)}  [{clock.started_by}]"
        if clock.limit is not None:
            counting = label("countings", clock.counting, self.language)
            yield f"  {self._say('limit')} {worded(clock.limit, self.language)} ({counting}, {clock.calendar})"
        if clock.due_at is not None:
            stated = self._say("stated") if clock.stated else ""
            yield f"  {self._say('due')} {self._moment(clock.due_at, clock.zone, clock.provisional)} {stated}".rstrip()
        if clock.because:
            yield f"  {self._say('unknown')} {clock.because[self.language]}"
        if clock.stopped_at is not None:
            yield f"  {self._say('stopped')} {self._moment(clock.stopped_at, clock.zone)}"
        for name, amount in (("used", clock.used), ("left", clock.left), ("over_by", clock.over_by)):
            if amount is not None:
                yield f"  {self._say(name)} {worded(amount, self.language)}"
        if clock.trouble is not None:
            yield f"    {clock.trouble[self.language]}"
        yield from (f"    {self._day(day)}" for day in clock.days)

    def _day(self, day: DayStory) -> str:
        weekday = label("weekdays", str(day.on.isoweekday()), self.language)
        number = f"{day.number:>3}" if day.number is not None else "  –"
        return f"{number}  {day.on.isoformat()} {weekday}  {day.why[self.language]}  {day.paper.get(self.language, '')}".rstrip()

    def _finding(self, finding: FindingStory) -> Iterator[str]:
        title = finding.title.get(self.language, "")
        truth = label("truths", finding.truth, self.language)
        until = self._say("until_further_notice") if finding.until_at is None else self._moment(finding.until_at)
        head = f"{self._say('rule')} {finding.rule} {title}{' · ' if title else ''}{truth}"
        yield f"{head}  {self._moment(finding.from_at)} – {until}"
        if finding.say.get(self.language):
            yield f"  {finding.say[self.language]}"
        if finding.condition:
            yield f"  {self._say('condition')} {finding.means[self.language]}"
            yield f"  {self._say('written')} {finding.condition}"
        for word, value in finding.evidence.items():
            named = finding.words.get(word, {}).get(self.language, word)
            yield f"    {named} = {reading(word, value, self.language, self.told.units, self.told.zone)}"
        if finding.because:
            yield f"  {self._say('unknown')} {finding.because[self.language]}"
        if finding.article:
            yield f"  {self._say('basis')} {finding.article} {finding.link}".rstrip()
        versions = (finding.rulebook, finding.calendar, finding.item)
        yield f"  {self._say('versions')} {', '.join(version for version in versions if version)}"

    def _row(self, row: RowStory) -> str:
        told = self.told
        data = "  ".join(attribute(key, value, self.language, told.units, told.zone) for key, value in row.data.items())
        version = f" v{row.version}" if row.version and row.version > 1 else ""
        name = label("events", row.name, self.language)
        return f"{self._moment(row.at)}  {name}  [{row.source} {row.event_id}{version}]  {data}".rstrip()
