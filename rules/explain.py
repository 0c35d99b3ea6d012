"""Why this light: every clock day by day, every finding with its condition, article and source rows, as plain text.

An inspector and the inspected unit read the same page, so it says what counted, what did not and why, and by which
versions of rule, calendar and item.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.clocks import ClockRun, ClockState, Counting
from rules.context import Context
from rules.due import DayLine, calculate
from rules.facts import Case, CaseEvent, Instant
from rules.frames import Dossier
from rules.glossary import label, worded
from rules.judgement import Amount, Judgement, Moment, Span, Truth
from rules.language import written
from rules.placeholders import fill
from rules.problems import Language, UserError, refuse
from rules.quantities import Quantity
from rules.review import review
from rules.rule import Rule


def explain(case: Case, context: Context, at: Instant, language: Language = "zh") -> str:
    """Return the explanation of a case's light at an instant, as known now; raise ``UserError`` if it cannot be judged."""
    outcome = review([case], context, 0, at)
    if outcome.lost:
        reason = outcome.lost[0].reason
        raise refuse(
            "case/lost", str(case.case_id), f"The case cannot be judged: {reason}", f"无法判断此办件：{reason}"
        )
    return "\n".join(_Page(Dossier.of(case, context), context, outcome.judgements[0], at, language).lines()) + "\n"


def _limit(limit: Quantity, language: Language) -> str:
    amount = limit.amount.numerator if limit.amount.denominator == 1 else float(limit.amount)
    return worded(Amount(str(amount), limit.unit), language)


class _Page:
    """The parts of one explanation."""

    def __init__(
        self, dossier: Dossier, context: Context, judgement: Judgement, at: Instant, language: Language
    ) -> None:
        self.dossier, self.context, self.judgement = dossier, context, judgement
        self.at, self.language = at, language
        self.zone = context.default_calendar.zone

    def lines(self) -> Iterator[str]:
        yield from self._head()
        for runs in self.dossier.runs.values():
            for instances in runs.values():
                for run in instances:
                    if run.started_at <= self.at:
                        yield ""
                        yield from self._clock(run)
        for span in self.judgement.spans:
            if span.from_at <= self.at:
                yield ""
                yield from self._finding(span)
        yield ""
        yield self._say("rows")
        for event in self.dossier.case.events:
            yield f"  {self._event(event)}"

    def _say(self, key: str) -> str:
        return label("explain", key, self.language)

    def _moment(self, at: Instant, zone: str = "", provisional: bool = False) -> str:
        return worded(Moment(at, zone or self.zone, provisional), self.language)

    def _head(self) -> Iterator[str]:
        judgement, language = self.judgement, self.language
        colon = "：" if language == "zh" else ": "
        yield f"{self._say('case')}{colon}{judgement.case_id.case_no}  {judgement.unit}  {judgement.item_name or judgement.item}"
        light = label("lights", judgement.light, language)
        state = label("case_states", judgement.state, language)
        because = f"（{judgement.because}）" if judgement.because and language == "zh" else ""
        because = f" ({judgement.because})" if judgement.because and language == "en" else because
        yield f"{self._moment(self.at)}{colon}{light} · {state}{because}"

    def _clock(self, run: ClockRun) -> Iterator[str]:
        reading = run.reading(self.at)
        if reading is None:
            return
        zone = run.terms.calendar.zone
        title = run.spec.title.get(self.language, run.name) + (f" {run.key}" if run.key else "")
        yield f"{self._say('clock')} {title}"
        yield f"  {self._say('started')} {self._moment(run.started_at, zone)}  [{run.start_event.event_id}]"
        if reading.limit is not None:
            counting = label("countings", run.spec.counting, self.language)
            yield f"  {self._say('limit')} {_limit(reading.limit, self.language)} ({counting}, {run.terms.calendar.name}@{run.terms.calendar.version})"
        if reading.due_at is not None:
            stated = self._say("stated") if run.phases[-1].stated else ""
            yield f"  {self._say('due')} {self._moment(reading.due_at, zone, reading.provisional)} {stated}".rstrip()
        if reading.because:
            yield f"  {self._say('unknown')} {reading.because}"
        if run.stopped_at is not None and run.stopped_at <= self.at:
            yield f"  {self._say('stopped')} {self._moment(run.stopped_at, zone)}"
        for name, amount in (("used", reading.used), ("left", reading.left), ("over_by", reading.over_by)):
            if amount is not None and amount.units != "0":
                yield f"  {self._say(name)} {worded(amount, self.language)}"
        yield from (f"    {line}" for line in self._days(run))

    def _days(self, run: ClockRun) -> Iterator[str]:
        phase = run.phase(self.at)
        if phase is None or phase.limit is None or phase.stated or len(phase.limits) != 1:
            return
        pauses = [
            (p.from_at, p.until_at if p.until_at is not None else self.at)
            for p in run.phases
            if p.state is ClockState.SUSPENDED and p.from_at < self.at
        ]
        try:
            answer = calculate(run.started_at, phase.limit, Counting(run.spec.counting), run.terms.calendar, pauses)
        except UserError as error:
            yield error.problems[0].sentence(self.language)
            return
        yield from map(self._day, answer.days)

    def _day(self, line: DayLine) -> str:
        why = line.why_zh if self.language == "zh" else line.why_en
        weekday = label("weekdays", str(line.on.isoweekday()), self.language)
        number = f"{line.number:>3}" if line.number is not None else "  –"
        return f"{number}  {line.on.isoformat()} {weekday}  {why}"

    def _finding(self, span: Span) -> Iterator[str]:
        rule = next(
            r for b in self.context.books.books if b.label == span.pin.rulebook for r in b.rules if r.id == span.rule
        )
        language = self.language
        title = rule.policy.title.get(language, "")
        truth = label("truths", span.truth, language)
        until = self._moment(span.until_at) if span.until_at is not None else self._say("until_further_notice")
        yield f"{self._say('rule')} {rule.id} {title}{' · ' if title else ''}{truth}  {self._moment(span.from_at)} – {until}"
        if span.truth is Truth.TRUE and rule.policy.say:
            values = {name: worded(value, language) for name, value in span.values.items()}
            yield f"  {fill(rule.policy.say.get(language, ''), values)}"
        yield f"  {self._say('condition')} {written(rule.when)}"
        for word, value in span.evidence.items():
            yield f"    {word} = {self._evidence(word, value)}"
        if span.because:
            yield f"  {self._say('unknown')} {span.because}"
        yield from self._basis(rule, span)

    def _evidence(self, word: str, value: object) -> str:
        if value is None:
            return self._say("not_known")
        if word.endswith("_at") and isinstance(value, int):
            return self._moment(value)
        return str(value)

    def _basis(self, rule: Rule, span: Span) -> Iterator[str]:
        basis = rule.policy.basis
        if basis:
            yield f"  {self._say('basis')} {basis.get('text', '')} {basis.get('link', '')}".rstrip()
        yield f"  {self._say('versions')} {span.pin.rulebook}, {span.pin.calendar}{', ' + span.pin.item if span.pin.item else ''}"

    def _event(self, event: CaseEvent) -> str:
        when = self._moment(event.occurred_at or 0)
        name = label("events", event.name, self.language)
        data = "  ".join(f"{key}={value}" for key, value in event.data.items() if value is not None)
        version = f" v{event.version}" if event.version and event.version > 1 else ""
        return f"{when}  {name}  [{event.source} {event.event_id}{version}]  {data}".rstrip()
