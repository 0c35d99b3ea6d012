"""Explains a light: reviews the case, reads its clocks day by day and its findings, and says so as one structure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rules.clocks import ClockRun, ClockState, Counting
from rules.context import Context
from rules.doubts import doubt
from rules.due import DayLine, calculate
from rules.explanation import ClockStory, DayStory, Explanation, FindingStory, Known, RowStory, Texts
from rules.facts import Case, CaseEvent, Instant
from rules.frames import Dossier
from rules.judgement import Amount, Judgement, Light, Span, Truth
from rules.language import written
from rules.language.nodes import Subject
from rules.problems import Language, UserError, refuse
from rules.quantities import Quantity
from rules.review import review
from rules.rule import Rule
from rules.telling import NAMELESS, Titles, Units, because, reading, sentence
from rules.wording import Wording, bound_by

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def explained(
    case: Case, context: Context, at: Instant, known: Known | None = None, units: Units = NAMELESS
) -> Explanation:
    """Return why a case has its light at an instant, as known now; raise ``UserError`` if it cannot be judged.

    With ``known`` the light and the findings are those that had been recorded by then; ``case`` holds what had been
    received by then. The clocks are shown by the law of today: a note says where that is another version. ``units`` are
    the names of units by their code.
    """
    outcome = review([case], context, 0, at)
    if outcome.lost:
        reason = outcome.lost[0].reason
        raise refuse(
            "case/lost", str(case.case_id), f"The case cannot be judged: {reason}", f"无法判断此办件：{reason}"
        )
    return _Story(Dossier.of(case, context), context, outcome.judgements[0], at, known, units).told()


class _Story:
    """The parts of one explanation."""

    def __init__(
        self, dossier: Dossier, context: Context, judgement: Judgement, at: Instant, known: Known | None,
        units: Units,
    ) -> None:  # fmt: skip
        self.dossier, self.context, self.judgement, self.at, self.known = dossier, context, judgement, at, known
        self.units = units

    def told(self) -> Explanation:
        """Return the whole of it."""
        judged, known = self.judgement, self.known
        unjudged = doubt("nothing_judged") if known is not None and known.light is None else ""
        spans = judged.spans if known is None else known.spans
        return Explanation(
            case_id=str(judged.case_id),
            case_no=judged.case_id.case_no,
            unit=judged.unit,
            item=judged.item,
            item_name=judged.item_name,
            at=self.at,
            zone=self.context.default_calendar.zone,
            light=judged.light if known is None else known.light or Light.GREY,
            state=judged.state if known is None else known.state,
            because=self._because(judged.because if known is None else unjudged or known.because),
            clocks=tuple(self._clocks()),
            findings=tuple(self._finding(span) for span in spans if span.from_at <= self.at),
            rows=tuple(_row(event) for event in self.dossier.case.events),
            known_at=known.at if known is not None else None,
            notes=tuple(self._notes(spans)) if known is not None else (),
            units=self._units(),
        )

    def _clocks(self) -> Iterator[ClockStory]:
        for runs in self.dossier.runs.values():
            for instances in runs.values():
                for run in instances:
                    story = self._clock(run) if run.started_at <= self.at else None
                    if story is not None:
                        yield story

    def _clock(self, run: ClockRun) -> ClockStory | None:
        reading, calendar = run.reading(self.at), run.terms.calendar
        if reading is None:
            return None
        days, trouble = self._days(run)
        return ClockStory(
            name=run.name,
            title=run.spec.title,
            key=run.key,
            ordinal=run.ordinal,
            started_at=run.started_at,
            started_by=run.start_event.event_id,
            zone=calendar.zone,
            limit=_amount(reading.limit) if reading.limit is not None else None,
            counting=run.spec.counting.value,
            calendar=f"{calendar.name}@{calendar.version}",
            due_at=reading.due_at,
            provisional=reading.provisional,
            stated=run.phases[-1].stated,
            because=self._because(reading.because),
            stopped_at=run.stopped_at if run.stopped_at is not None and run.stopped_at <= self.at else None,
            used=_some(reading.used),
            left=_some(reading.left),
            over_by=_some(reading.over_by),
            days=days,
            trouble=trouble,
        )

    def _days(self, run: ClockRun) -> tuple[tuple[DayStory, ...], Texts | None]:
        phase = run.phase(self.at)
        if phase is None or phase.limit is None or phase.stated or len(phase.limits) != 1:
            return (), None
        pauses = [
            (p.from_at, p.until_at if p.until_at is not None else self.at)
            for p in run.phases
            if p.state is ClockState.SUSPENDED and p.from_at < self.at
        ]
        try:
            answer = calculate(run.started_at, phase.limit, Counting(run.spec.counting), run.terms.calendar, pauses)
        except UserError as error:
            problem = error.problems[0]
            return (), {language: problem.sentence(language) for language in LANGUAGES}
        return tuple(self._day(line, run, pauses) for line in answer.days), None

    def _day(self, line: DayLine, run: ClockRun, pauses: Sequence[tuple[Instant, Instant]]) -> DayStory:
        suspended = line.why_en.startswith("suspended")
        paper = self._paper(line, run, pauses) if suspended else {}
        kind = "suspended" if suspended else line.kind.value
        return DayStory(line.on, line.counted, line.number, kind, {"zh": line.why_zh, "en": line.why_en}, paper)

    def _paper(self, line: DayLine, run: ClockRun, pauses: Sequence[tuple[Instant, Instant]]) -> Texts:
        """Return the row that suspended the clock on a day, with the reason and the approver that it names."""
        calendar = run.terms.calendar
        begins = [since for since, until in pauses if calendar.on(since) <= line.on <= calendar.on(until)]
        name = run.spec.pauses.begins.event if run.spec.pauses is not None else ""
        for event in self.dossier.case.events:
            if event.name == name and event.occurred_at in begins:
                return {language: " ".join(self._said(event, language)) for language in LANGUAGES}
        return {}

    def _said(self, event: CaseEvent, language: Language) -> Iterator[str]:
        yield f"[{event.event_id}]"
        for key in ("document", "doc_no", "reason", "approver", "approved"):
            if event.data.get(key) is not None:
                yield reading(key, event.data[key], language, self.units, self.context.default_calendar.zone)

    def _finding(self, span: Span) -> FindingStory:
        rule = self._rule(span)
        told = rule is not None and span.truth is Truth.TRUE and (span.values or not rule.placeholders)
        say = rule.policy.say if rule is not None and told else {}  # what is over and done with has no values to tell
        basis = rule.policy.basis if rule is not None else {}
        return FindingStory(
            rule=span.rule,
            title=rule.policy.title if rule is not None else {},
            truth=span.truth,
            light=span.light,
            from_at=span.from_at,
            until_at=span.until_at,
            say={
                language: sentence(text, span.values, language, self.units)
                for language in LANGUAGES
                if (text := say.get(language))
            },
            condition=written(rule.when) if rule is not None else "",
            means=self._means(rule),
            evidence=span.evidence,
            words=self._words(rule),
            because=self._because(span.because),
            article=basis.get("text", ""),
            link=basis.get("link", ""),
            rulebook=span.pin.rulebook,
            calendar=span.pin.calendar,
            item=span.pin.item,
        )

    def _because(self, reasons: str) -> Texts:
        return (
            {language: because(reasons, language, self._titles(language)) for language in LANGUAGES} if reasons else {}
        )

    def _titles(self, language: Language) -> Titles:
        """Return what finds the titles of the clocks and rules in force."""
        books = self.context.books.books

        def title(kind: str, name: str) -> str:
            if kind == "rule":
                found = (rule.policy.title for book in books for rule in book.rules if rule.id == name)
                return next(found, {}).get(language, "")
            clocks = (book.part.clocks[name].title for book in books if name in book.part.clocks)
            return next((getattr(each, language) for each in clocks), "")

        return title

    def _wordings(self, rule: Rule) -> dict[Language, Wording]:
        book = next(book for book in self.context.books.books if rule in book.rules)
        titles = {each.id: each.policy.title for each in book.rules}
        return {language: Wording(book, language, titles, bound_by(rule.givens)) for language in LANGUAGES}

    def _means(self, rule: Rule | None) -> Texts:
        """Return the condition of a rule in a reader's words."""
        if rule is None:
            return {}
        return {language: wording.condition(rule.when) for language, wording in self._wordings(rule).items()}

    def _words(self, rule: Rule | None) -> Mapping[str, Texts]:
        """Return the words of the condition as a reader knows them."""
        if rule is None:
            return {}
        wordings = self._wordings(rule).items()
        return {name: {language: _word(name, word, each) for language, each in wordings} for name, word in rule.reads}

    def _units(self) -> Mapping[str, Texts]:
        """Return the names of the units that the case's facts speak of."""
        spoken = {str(value) for event in self.dossier.case.events for value in event.data.values()}
        spoken |= {
            self.judgement.unit,
            *(str(value) for span in self.judgement.spans for value in span.evidence.values()),
        }
        return {code: self.units[code] for code in sorted(spoken) if code in self.units}

    def _rule(self, span: Span) -> Rule | None:
        """Return the rule in the version to which the finding is pinned, None if that is not loaded."""
        books = (book for book in self.context.books.books if book.label == span.pin.rulebook)
        return next((rule for book in books for rule in book.rules if rule.id == span.rule), None)

    def _notes(self, spans: Sequence[Span]) -> Iterator[Texts]:
        """Yield which versions judged then that are not those of today."""
        calendars = self.context.calendars
        books = {book.label for book in self.context.books.books}
        for label in sorted({span.pin.rulebook for span in spans} - books):
            yield {
                "zh": f"当时适用规则书 {label}，现已不在用。",
                "en": f"Rulebook {label} judged then; it is no longer in use.",
            }
        for pinned in sorted({span.pin.calendar for span in spans if span.pin.calendar}):
            name = pinned.partition("@")[0]
            try:
                now = f"{name}@{calendars.get(name).version}"
            except UserError:
                now = ""
            if now != pinned:
                yield {
                    "zh": f"当时适用日历 {pinned}；逐日说明按现行日历 {now}。",
                    "en": f"Calendar {pinned} counted then; the days are shown by the one of today, {now}.",
                }


def _word(name: str, word: Subject, wording: Wording) -> str:
    """Return a word as a reader knows it; a parameter without its value, which stands beside it."""
    if name.startswith("param."):
        return wording.say(f"参数 {name[6:]}", f"parameter {name[6:]}")
    return wording.subject(word)


def _amount(limit: Quantity) -> Amount:
    amount = limit.amount.numerator if limit.amount.denominator == 1 else float(limit.amount)
    return Amount(str(amount), limit.unit)


def _some(amount: Amount | None) -> Amount | None:
    return None if amount is None or amount.units == "0" else amount


def _row(event: CaseEvent) -> RowStory:
    said = {name: value for name, value in event.data.items() if value is not None}
    return RowStory(
        event.occurred_at or 0, event.name, event.source, event.event_id, event.version, event.received_at, said
    )
