"""Rule mutation: every rulebook made wrong in one place at a time, and the tests that notice. What none notices survives.

A mutant is judged together with the rules that it builds on and the tests that name it; whatever a test says of the
light counts too, as long as the light stems from these rules. ``python -m rules.mutation [BOOK ...]`` prints survivors.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from rules.calendarbook import CalendarBook, open_calendars
from rules.engine.direct import DirectEngine
from rules.language import Node, SourceRule, compile_rules, parse
from rules.language.strata import references
from rules.language.terms import Terms
from rules.loader import load_books
from rules.mutants import changes, moved_value
from rules.problems import Language, Place, Problem, UserError, render
from rules.quantities import Quantity
from rules.reading_plan import groups_of
from rules.review import review
from rules.rule import ClockDef, Rule, TriggerDef
from rules.rulebook import Rulebook, Rulebooks
from rules.trials import Expected, Trial, trials_of
from rules.words import event_vocabulary

Apply = Callable[[Rulebook], Rulebook]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rulebook made wrong in one place: ``of`` names what was changed, ``rules`` those that it may change."""

    book: str
    of: str
    rules: tuple[str, ...]
    place: Place
    was: str
    becomes: str
    apply: Apply = field(compare=False, repr=False)

    def problem(self) -> Problem:
        """Return the problem that no test notices this mutant."""
        return Problem(
            "rule/mutant", self.place,
            f"{self.of}: no test notices if '{self.was}' becomes '{self.becomes}'.",
            f"{self.of}：将“{self.was}”改为“{self.becomes}”，没有任何测试能发现。",
            "Add an expectation on each side of this boundary.", "请在该界限两侧各加一条期望。",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutation:
    """How many mutants were judged, and those that no test noticed."""

    mutants: int
    survivors: tuple[Mutant, ...]

    def table(self, language: Language = "en") -> str:
        """Return the survivors with their places, and the count."""
        lines = [render([mutant.problem() for mutant in self.survivors], language)] if self.survivors else []
        killed = self.mutants - len(self.survivors)
        lines.append(
            f"{killed} of {self.mutants} mutants noticed, {len(self.survivors)} survive."
            if language == "en"
            else f"变异体 {self.mutants} 个，被测试发现 {killed} 个，存活 {len(self.survivors)} 个。"
        )
        return "\n".join(lines)


def run_mutants(
    paths: Sequence[Path], calendars: CalendarBook, *, calendar: str = "cn", told: Callable[[int, int], None] | None = None
) -> Mutation:  # fmt: skip
    """Judge every mutant of the rulebooks (the shipped ones if none is named) by their tests.

    ``told`` is called with the number done and of all. Raises ``UserError`` if the books do not load.
    """
    court = _Court.of(paths, calendars, calendar)
    mutants = [mutant for book in court.profiles[None].books for mutant in mutants_of(book)]
    survivors = []
    for done, mutant in enumerate(mutants, start=1):
        if not court.notices(mutant):
            survivors.append(mutant)
        if told is not None:
            told(done, len(mutants))
    court.engine.close()
    return Mutation(len(mutants), tuple(survivors))


def mutants_of(book: Rulebook) -> Iterator[Mutant]:
    """Yield every mutant of a rulebook that could be loaded: of conditions, bindings, triggers, limits, parameters."""
    for rule in book.rules:
        yield from _of_rule(book, rule)
    for clock in book.clocks.values():
        yield from _of_triggers(book, clock)
        yield from _of_limits(book, clock)
    yield from _of_parameters(book)


def _of_rule(book: Rulebook, rule: Rule) -> Iterator[Mutant]:
    for change in changes(rule.when):
        changed = replace(rule, when=change.node)
        if _compiles(book, changed):
            yield Mutant(book.label, rule.id, (rule.id,), change.at.place, change.was, change.becomes,
                         _with_rule(rule.id, when=change.node))  # fmt: skip
    for name, given in rule.givens.items():
        for change in changes(given.where):
            givens = {**rule.givens, name: replace(given, where=change.node)}
            if _compiles(book, replace(rule, givens=givens)):
                yield Mutant(book.label, rule.id, (rule.id,), change.at.place, change.was, change.becomes,
                             _with_rule(rule.id, givens=givens))  # fmt: skip


def _with_rule(rule_id: str, **changed: Node | Mapping[str, object]) -> Apply:
    def apply(book: Rulebook) -> Rulebook:
        rules = [replace(r, **changed) if r.id == rule_id else r for r in book.rules]  # type: ignore[arg-type]  # when, givens
        return _with_rules(book, rules)

    return apply


def _with_rules(book: Rulebook, rules: Sequence[Rule]) -> Rulebook:
    """Return the book with these rules only, compiled."""
    program = compile_rules([SourceRule(r.id, r.group, r.when, r.givens) for r in rules], book.program.vocabulary)
    return replace(book, rules=tuple(rules), groups=groups_of(rules, program, book.parameters), program=program)


def _compiles(book: Rulebook, rule: Rule) -> bool:
    """Say whether the engine takes the changed rule: an administrator could not have written any other."""
    try:
        _with_rules(book, [*(r for r in _closure(book, (rule.id,)) if r.id != rule.id), rule])
    except UserError:
        return False
    return True


def _of_triggers(book: Rulebook, clock: ClockDef) -> Iterator[Mutant]:
    """Yield the clock with one condition of one trigger changed."""
    vocabulary = event_vocabulary(book.part)
    for kind, parts in (("starts", clock.part.starts), ("stops", clock.part.stops)):
        for index, part in enumerate(parts):
            if part.where is None:
                continue
            path = ("clocks", clock.name, kind, index, "where")
            for change in changes(parse(part.where, book.document.place(path))):
                trigger = TriggerDef(part.event, Terms(vocabulary, {}).condition(change.node, ""))
                changed = _with_trigger(clock, kind, index, trigger)
                yield Mutant(book.label, clock.name, _readers(book, clock.name), change.at.place, change.was,
                             change.becomes, _with_clock(changed))  # fmt: skip


def _with_trigger(clock: ClockDef, kind: str, index: int, trigger: TriggerDef) -> ClockDef:
    old: tuple[TriggerDef, ...] = clock.starts if kind == "starts" else clock.stops
    new = (*old[:index], trigger, *old[index + 1 :])
    return replace(clock, starts=new) if kind == "starts" else replace(clock, stops=new)


def _of_limits(book: Rulebook, clock: ClockDef) -> Iterator[Mutant]:
    """Yield the clock with a limit that is written in the book moved by one unit."""
    for index, limit in enumerate(clock.part.limit):
        if limit.partition(".")[0] in {"item", "event", "param"}:
            continue
        place = book.document.place(("clocks", clock.name, "limit", index))
        for step in (1, -1):
            moved = moved_value(Quantity.parse(limit), step)
            if moved is not None:
                limits = [str(moved) if i == index else old for i, old in enumerate(clock.part.limit)]
                changed = replace(clock, part=clock.part.model_copy(update={"limit": limits}))
                yield Mutant(book.label, clock.name, _readers(book, clock.name), place, limit, str(moved),
                             _with_clock(changed))  # fmt: skip


def _with_clock(clock: ClockDef) -> Apply:
    return lambda book: replace(book, clocks={**book.clocks, clock.name: clock})


def _of_parameters(book: Rulebook) -> Iterator[Mutant]:
    """Yield the book with one dated value of a parameter moved by one unit."""
    for name, dated in book.parameters.items():
        rules = _rules_of_parameter(book, name)
        if not rules:
            continue
        for index, (_, value) in enumerate(dated):
            for step in (1, -1):
                moved = moved_value(value, step)
                if moved is not None:
                    place = book.document.place(("parameters", name, index, "value"))
                    yield Mutant(book.label, f"param.{name}", rules, place, _shown(value), _shown(moved),
                                 _with_parameter(name, index, step))  # fmt: skip


def _with_parameter(name: str, index: int, step: int) -> Apply:
    def apply(book: Rulebook) -> Rulebook:
        dated = list(book.parameters[name])
        if index < len(dated):
            from_on, value = dated[index]
            moved = moved_value(value, step)
            dated[index] = (from_on, value if moved is None else moved)
        return replace(book, parameters={**book.parameters, name: tuple(dated)})

    return apply


def _shown(value: object) -> str:
    return f"{float(value * 100):g}%" if isinstance(value, Fraction) else str(value)


def _readers(book: Rulebook, clock: str) -> tuple[str, ...]:
    """Return the rules that are about a clock or read it, or read one whose start is deemed by it."""
    deemed = {other.name for other in book.clocks.values() if any(start.deemed == clock for start in other.starts)}
    read = {clock, *deemed}
    return tuple(
        rule.id
        for rule in book.rules
        if rule.clock in read or any(p[0] == "clock" and p[1] in read for p in book.program.words(rule.id))
    )


def _rules_of_parameter(book: Rulebook, name: str) -> tuple[str, ...]:
    """Return the rules that read a parameter, themselves or through the limit of a clock."""
    own = [rule.id for rule in book.rules if ("param", name) in book.program.words(rule.id)]
    clocks = [clock.name for clock in book.clocks.values() if f"param.{name}" in clock.part.limit]
    return tuple(dict.fromkeys([*own, *(rule for clock in clocks for rule in _readers(book, clock))]))


def _closure(book: Rulebook, rules: Sequence[str]) -> list[Rule]:
    """Return these rules and every rule whose finding they build on, in the order of the book."""
    wanted, todo = set(rules), list(rules)
    while todo:
        source = book.program.sources[todo.pop()]
        new = {finding.rule for finding in references(source)} - wanted
        wanted |= new
        todo += new
    return [rule for rule in book.rules if rule.id in wanted]


@dataclass(slots=True)
class _Court:
    """Judges mutants by the tests of all books; what a test says is used only where the unchanged rules agree."""

    profiles: dict[str | None, Rulebooks]
    calendars: CalendarBook
    engine: DirectEngine
    trials: tuple[Trial, ...]
    usable: dict[tuple[str, tuple[str, ...], int], tuple[Expected, ...]] = field(default_factory=dict)
    parts: dict[tuple[str, tuple[str, ...], str | None], Rulebook] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Sequence[Path], calendars: CalendarBook, calendar: str) -> _Court:
        books = load_books(paths)
        known = [rule.id for book in books.books for rule in book.rules]
        trials = tuple(trial for book in books.books for trial in trials_of(book, known, calendars, calendar))
        named = {trial.part.profile for trial in trials}
        profiles: dict[str | None, Rulebooks] = {name: load_books(paths, name) for name in named}
        return cls({**profiles, None: books}, calendars, DirectEngine(), trials)

    def notices(self, mutant: Mutant) -> bool:
        """Say whether some test sees something else than it expects."""
        return any(self._fails(mutant, index, trial) for index, trial in self._trials(mutant))

    def _trials(self, mutant: Mutant) -> Iterator[tuple[int, Trial]]:
        """Yield the tests that may notice, those that name a changed rule first."""
        kinds = {rule.part.of for rule in self._book(mutant, None).rules if rule.id in mutant.rules}
        later = []
        for index, trial in enumerate(self.trials):
            if trial.case.kind not in kinds:
                continue
            if any(expected.rule in mutant.rules for expected in trial.expected):
                yield index, trial
            elif any(not expected.rule for expected in trial.expected):
                later.append((index, trial))
        yield from later

    def _book(self, mutant: Mutant, profile: str | None) -> Rulebook:
        return next(book for book in self.profiles[profile].books if book.label == mutant.book)

    def _fails(self, mutant: Mutant, index: int, trial: Trial) -> bool:
        own = self._own(mutant, trial.part.profile)
        key = (mutant.book, mutant.rules, index)
        if key not in self.usable:
            asked = [e for e in trial.expected if not e.rule or e.rule in mutant.rules]
            self.usable[key] = tuple(self._agreeing(own, trial, asked))
        usable = self.usable[key]
        return sum(1 for _ in self._agreeing(_unremembering(mutant.apply(own)), trial, usable)) < len(usable)

    def _own(self, mutant: Mutant, profile: str | None) -> Rulebook:
        """Return the unchanged book with only the rules that the mutant may change, and those that they build on."""
        key = (mutant.book, mutant.rules, profile)
        if key not in self.parts:
            book = self._book(mutant, profile)
            self.parts[key] = _with_rules(book, _closure(book, mutant.rules))
        return self.parts[key]

    def _agreeing(self, book: Rulebook, trial: Trial, asked: Sequence[Expected]) -> Iterator[Expected]:
        """Yield the expectations that this book fulfils."""
        context = trial.context(Rulebooks((book,)), self.calendars, self.engine)
        for at in dict.fromkeys(expected.at for expected in asked):
            outcome = review([trial.case], context, 0, at)
            if outcome.judgements:
                yield from (e for e in asked if e.at == at and e.seen(outcome.judgements[0]) == e.wanted)


def _unremembering(book: Rulebook) -> Rulebook:
    """Return the book with groups that remember nothing of what the unchanged rules worked out."""
    return replace(book, groups=groups_of(book.rules, book.program, book.parameters))


def main(arguments: Sequence[str]) -> int:
    """Print the survivors of the named books (the shipped ones if none) and return 1 if there are any."""
    paths = [Path(argument) for argument in arguments]
    folders = [path if path.is_dir() else path.parent for path in paths]
    try:
        mutation = run_mutants(paths, open_calendars(folders))
    except UserError as error:
        sys.stderr.write(render(error.problems) + "\n")
        return 1
    sys.stdout.write(mutation.table() + "\n")
    return 1 if mutation.survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
