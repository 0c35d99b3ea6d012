"""Loads rulebooks: files become frozen rules, clocks and policies, with every problem of every file named at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from rules.asking import Asks, parse_asks
from rules.documents import Document, nearest, parse_rest, read_text
from rules.draft import Draft
from rules.language import (
    Given,
    Node,
    SourceRule,
    check,
    check_name,
    compile_rules,
    parse,
    parse_given,
    parse_word,
    subjects,
)
from rules.language.nodes import Subject, path_of
from rules.language.terms import Terms
from rules.placeholders import check_text, names
from rules.policy import Policy
from rules.problems import Place, Problem, UserError, refuse
from rules.profiles import Profile, load_profile
from rules.quantities import Quantity
from rules.reading_plan import groups_of
from rules.rule import ClockDef, Rule, TriggerDef
from rules.rulebook import Rulebook, Rulebooks
from rules.salvage import Salvaged, inside, salvaged
from rules.schema import ClockPart, DatedValue, RulebookPart, RulePart, TriggerPart
from rules.succession import in_succession
from rules.words import MONEY_WORDS, ParameterValue, RuleVocabulary, event_vocabulary, parameter_value

BOOKS: Final = Path(__file__).parent / "books"

MANY: Final = 64
"""So many texts are remembered as they were read last: the law in force, and what is being written."""


def load_books(paths: Sequence[Path] = (), profile: Path | str | None = None) -> Rulebooks:
    """Load rulebook files and folders (the shipped books if none is named) under a severity profile.

    Raises ``UserError`` with the problems of all files.
    """
    chosen = load_profile(profile)
    drafts, problems = read_drafts(paths, chosen)
    if problems:
        raise UserError(problems)
    books = [draft.book for draft in drafts if draft.book is not None]
    policies = {rule.id: rule.policy for book in sorted(books, key=lambda b: b.version) for rule in book.rules}
    return Rulebooks(tuple(books), chosen.name, policies)


def _files(paths: Sequence[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix in {".yaml", ".yml"})
            if not found:
                raise refuse(
                    "rulebook/none",
                    path,
                    "There is no rulebook (*.yaml) in this folder.",
                    "此文件夹中没有规则书（*.yaml）。",
                )
            yield from found
        else:
            yield path


def read_drafts(paths: Sequence[Path], profile: Profile, *, remember: bool = True) -> tuple[list[Draft], list[Problem]]:
    """Return what can be read of rulebook files and folders (the shipped books if none is named), and every problem.

    Without ``remember`` a text pushes out nothing that is remembered, as while somebody types.
    """
    read = read_draft if remember else read_draft.__wrapped__
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for path in _files(paths or [BOOKS]):
        try:
            drafts.append(read(read_text(path), str(path), profile))
            problems.extend(drafts[-1].problems)
        except UserError as error:
            problems.extend(error.problems)
    drafts = in_succession(drafts)
    problems.extend(_clashes([draft.book for draft in drafts if draft.book is not None]))
    if not any(problem.severity == "error" for problem in problems):
        problems.extend(profile.strangers(draft.part for draft in drafts))
    return drafts, problems


@lru_cache(maxsize=MANY)
def read_draft(text: str, file: str, profile: Profile) -> Draft:
    """Return what can be read of a rulebook file, with every problem; raise ``UserError`` if nothing can.

    The same text is read once: whoever holds a law against another one reads nearly all of it twice.
    """
    document = parse_rest(text, file)
    shape = salvaged(document)
    part = shape.part
    loader = _Loader(document, part, profile)
    book = loader.build()
    found = (*shape.problems, *(p for p in loader.problems if not _guessed(document, p, shape)))
    index = {rule.id: number for number, rule in reversed(list(enumerate(part.rules)))}
    return Draft(document, part, loader.parameters, loader.rules, found, None if found else book, shape.touched, index)


def _guessed(document: Document, problem: Problem, shape: Salvaged) -> bool:
    """Say whether a problem may only come from what stands for a value that could not be read."""
    families = problem.code == "rule/family-clock" and any(path[0] == "rules" for path in shape.touched)
    return families or inside(document, problem.place, shape.replaced)


class _Loader:
    """Turns one validated file into a rulebook, collecting problems as it goes."""

    def __init__(self, document: Document, part: RulebookPart, profile: Profile) -> None:
        self.document, self.part, self.profile = document, part, profile
        self.problems: list[Problem] = []
        self.rules: tuple[Rule, ...] = ()
        self.parameters = self._parameters()
        self.vocabulary = RuleVocabulary(part, self.parameters)

    def build(self) -> Rulebook | None:
        clocks = {n: self._clock(n, self.profile.clock(n, part)) for n, part in self.part.clocks.items()}
        rules = [rule for index, part in enumerate(self.part.rules) if (rule := self._rule(index, part)) is not None]
        self.rules = tuple(rules)
        show = {name: tuple(text.split(".")) for name, text in self.part.show.items()}
        for name, word in show.items():
            if self.vocabulary.word(word) is None:
                self._unknown(".".join(word), self.vocabulary.known(), ("show", name))
        self._duplicates(rules)
        self._one_clock_per_family(rules)
        if self.problems:
            return None
        try:
            sources = [SourceRule(rule.id, rule.group, rule.when, rule.givens) for rule in rules]
            program = compile_rules(sources, self.vocabulary)
        except UserError as error:
            self.problems.extend(error.problems)
            return None
        return Rulebook(
            self.part.rulebook, self.part.version, self.part, self.document, self.parameters, clocks, tuple(rules),
            groups_of(rules, program, self.parameters), show, program,
        )  # fmt: skip

    def _parameters(self) -> dict[str, tuple[tuple[dt.date, ParameterValue], ...]]:
        found: dict[str, tuple[tuple[dt.date, ParameterValue], ...]] = {}
        for name, own in self.part.parameters.items():
            values: list[DatedValue] = self.profile.parameters.get(name, own)
            dated = sorted(((v.from_on, parameter_value(v.value)) for v in values), key=lambda pair: pair[0])
            found[name] = tuple(dated)
        return found

    def _clock(self, name: str, part: ClockPart) -> ClockDef:
        path = ("clocks", name)
        for index, limit in enumerate(part.limit):
            self._limit(limit, (*path, "limit", index))
        acts = (("pauses", part.pauses), ("extends", part.extends))
        for key, stated in ((key, act.only_if) for key, act in acts if act is not None):
            if stated not in {None, "lawful"}:
                self._say("clock/only-if", (*path, key, "only_if"), f"'{stated}' is not known here.",
                          f"此处不认识“{stated}”。", "Write 'only_if: lawful' or remove it.",
                          "请写 only_if: lawful 或删除。")  # fmt: skip
        pauses = part.pauses
        return ClockDef(
            name,
            part,
            tuple(self._trigger(t, (*path, "starts", i)) for i, t in enumerate(part.starts)),
            tuple(self._trigger(t, (*path, "stops", i)) for i, t in enumerate(part.stops)),
            (
                self._trigger(pauses.begins, (*path, "pauses", "from")),
                self._trigger(pauses.ends, (*path, "pauses", "to")),
            )
            if pauses
            else None,
            self._trigger(part.extends.by, (*path, "extends", "by")) if part.extends else None,
            self._asks(part, path),
        )

    def _limit(self, limit: str, path: tuple[str | int, ...]) -> None:
        if limit.startswith(("item.", "event.")):
            return
        if limit.startswith("param."):
            if limit.removeprefix("param.") not in self.parameters:
                self._unknown(limit, [f"param.{name}" for name in self.parameters], path)
            return
        try:
            Quantity.parse(limit)
        except ValueError as error:
            self._say("clock/limit", path, f"{error}.", f"“{limit}”不是时限。",
                      "Write 'item.promised', 'event.approved', 'param.NAME' or a quantity such as '5 workdays'.",
                      "请写 item.promised、event.approved、param.名称，或“5 workdays”这样的数量。")  # fmt: skip

    def _trigger(self, part: TriggerPart, path: tuple[str | int, ...]) -> TriggerDef:
        holds = None
        if part.where is not None:
            vocabulary = event_vocabulary(self.part)
            node = self._node(part.where, (*path, "where"), vocabulary)
            holds = Terms(vocabulary, {}).condition(node, "") if node is not None else None
        if part.deemed is not None and part.deemed not in self.part.clocks:
            self._unknown(part.deemed, self.part.clocks, (*path, "deemed"))
        if (part.deemed or part.unless) and "starts" not in path:
            self._say("clock/start-only", path, "'deemed' and 'unless' say when a clock starts, nothing else.",
                      "deemed 与 unless 只用于时钟的起算。", "Move them to 'starts'.", "请移至 starts。")  # fmt: skip
        return TriggerDef(part.event, holds, tuple(part.unless), part.deemed or "")

    def _node(
        self, text: str, path: tuple[str | int, ...], vocabulary: RuleVocabulary | None = None,
        givens: Mapping[str, Given] | None = None,
    ) -> Node | None:  # fmt: skip
        try:
            node = parse(text, self.document.place(path))
        except UserError as error:
            self.problems.extend(error.problems)
            return None
        found = check(node, vocabulary or self.vocabulary, givens or {})
        self.problems.extend(found)
        return None if found else node

    def _rule(self, index: int, part: RulePart) -> Rule | None:
        path = ("rules", index)
        givens: dict[str, Given] = {}
        for name, text in part.given.items():
            try:
                givens[name] = parse_given(text, self.document.place((*path, "given", name)))
            except UserError as error:
                self.problems.extend(error.problems)
        node = self._node(part.when, (*path, "when"), givens=givens)
        self._check_basis(part, path)
        self._check_texts(part, path)
        if node is None:
            return None
        clock = part.clock or next((path[1] for path in map(path_of, subjects(node)) if path[0] == "clock"), "")
        if clock and clock not in self.part.clocks:
            self._unknown(clock, self.part.clocks, (*path, "clock"))
            return None
        policy = self._policy(part)
        said = tuple(dict.fromkeys(name for text in policy.say.values() for name in names(text)))
        place = self.document.place(path)
        asks = self._asks(part, path)
        against = self._against(part, path)
        return Rule(part.id, part, policy, node, givens, clock, f"{part.of}/{clock}", place, said, asks, against)

    def _against(self, part: RulePart, path: tuple[str | int, ...]) -> Subject | None:
        """Return the word that names the unit at fault."""
        if part.against is None:
            return None
        try:
            word = parse_word(part.against, self.document.place((*path, "against")))
        except UserError as error:
            self.problems.extend(error.problems)
            return None
        self.problems.extend(check_name(word, self.vocabulary))
        return word

    def _asks(self, part: RulePart | ClockPart, path: tuple[str | int, ...]) -> Asks:
        found = []
        for index, text in enumerate(part.asks):
            try:
                found.append(parse_asks(text))
            except ValueError as error:
                self._say("rule/asks", (*path, "asks", index), f"{error}.", f"“{text}”不是事件或属性。",
                          "Write an event or one of its attributes, such as 'fee_charged' or 'completed.reason'.",
                          "请写事件或其属性，如 fee_charged 或 completed.reason。")  # fmt: skip
        return tuple(found)

    def _policy(self, part: RulePart) -> Policy:
        basis = self.part.basis.get(part.basis or "")
        over = self.profile.rules.get(part.id)
        return Policy(
            rule=part.id,
            family=part.family or part.id,
            of=part.of,
            title=part.title.model_dump(),
            light=over.light if over and over.light is not None else part.light,
            card=over.card if over and over.card is not None else part.card,
            issue=over.issue if over and over.issue is not None else part.issue,
            tell=over.tell if over and over.tell is not None else part.tell,
            proposes=part.proposes,
            basis=basis.model_dump() if basis else {},
            say=part.say.model_dump() if part.say else {},
        )

    def _check_basis(self, part: RulePart, path: tuple[str | int, ...]) -> None:
        if part.basis is not None and part.basis not in self.part.basis:
            self._unknown(part.basis, self.part.basis, (*path, "basis"))

    def _check_texts(self, part: RulePart, path: tuple[str | int, ...]) -> None:
        texts = part.say.model_dump() if part.say else {}
        shown = {*self.part.show, *self.vocabulary.counted(), *MONEY_WORDS}
        for language, text in texts.items():
            place = self.document.place((*path, "say", language))
            self.problems.extend(check_text(text, part.of, place, shown))

    def _duplicates(self, rules: Sequence[Rule]) -> None:
        seen: dict[str, Place] = {}
        for rule in rules:
            if rule.id in seen:
                first = seen[rule.id]
                self.problems.append(Problem(
                    "rule/duplicate", rule.place, f"Rule {rule.id} stands twice; the first is at {first}.",
                    f"规则 {rule.id} 重复；第一次出现在 {first}。", "Give one of them another id.", "请为其中之一改换编号。"))  # fmt: skip
            seen.setdefault(rule.id, rule.place)

    def _one_clock_per_family(self, rules: Sequence[Rule]) -> None:
        """A card is one per family, clock and start: rules of a family about different clocks would make several."""
        first: dict[str, Rule] = {}
        for rule in rules:
            other = first.setdefault(rule.policy.family, rule)
            if rule.clock != other.clock:
                mend = other.clock or rule.clock
                self.problems.append(Problem(
                    "rule/family-clock", rule.place,
                    f"Rules {other.id} and {rule.id} are one family ('{rule.policy.family}') but are about different clocks, so one case would get two cards.",
                    f"规则 {other.id} 与 {rule.id} 同属“{rule.policy.family}”，但针对不同的时钟，同一办件会被发两张牌。",
                    f"Write 'clock: {mend}' in both, or give them different families.",
                    f"请在两条规则中都写 clock: {mend}，或改用不同的 family。"))  # fmt: skip

    def _unknown(self, word: str, known: Iterable[str], path: tuple[str | int, ...]) -> None:
        near = nearest(word, known)
        mend_en = f"Did you mean '{near}'?" if near else f"Known are: {', '.join(sorted(known)) or 'none'}."
        mend_zh = f"是否应为“{near}”？" if near else f"已有：{'、'.join(sorted(known)) or '无'}。"
        self._say(
            "rulebook/unknown-name", path, f"'{word}' is not known here.", f"此处不认识“{word}”。", mend_en, mend_zh
        )

    def _say(
        self, code: str, path: tuple[str | int, ...], en: str, zh: str, mend_en: str = "", mend_zh: str = ""
    ) -> None:
        self.problems.append(Problem(code, self.document.place(path), en, zh, mend_en, mend_zh))


def _clashes(books: Sequence[Rulebook]) -> Iterable[Problem]:
    """Yield a problem for each two versions of one rulebook in force on the same date, and each rule id in two books."""
    for index, one in enumerate(books):
        for other in books[index + 1 :]:
            if (
                one.name == other.name
                and one.in_force(max(one.part.in_force.from_on, other.part.in_force.from_on))
                and (other.in_force(max(one.part.in_force.from_on, other.part.in_force.from_on)))
            ):
                yield Problem(
                    "rulebook/overlap", other.document.place(("in_force",)),
                    f"Versions {one.version} and {other.version} of '{one.name}' are in force on the same dates; the other stands in {one.document.file}.",
                    f"规则书“{one.name}”的版本 {one.version} 与 {other.version} 生效日期重叠；另一版本见 {one.document.file}。",
                    "Give the older one an 'until'.", "请为旧版本写明 until。",
                )  # fmt: skip
            elif one.name != other.name:
                for rule in {r.id for r in one.rules} & {r.id for r in other.rules}:
                    place = next(r.place for r in other.rules if r.id == rule)
                    yield Problem(
                        "rule/duplicate", place, f"Rule {rule} stands also in {one.document.file}.",
                        f"规则 {rule} 也出现在 {one.document.file}。", "Give one of them another id.", "请为其中之一改换编号。",
                    )  # fmt: skip
