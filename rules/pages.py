"""The pages for inspectors: one of each rulebook and an index, as Markdown in one language; text in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from rules.asking import Need
from rules.differences import Difference, differences
from rules.glossary import label
from rules.language import written
from rules.language.nodes import path_of
from rules.needs import counted_by, needs_of
from rules.pagetests import Sample, samples_of
from rules.problems import Language
from rules.rule import ClockDef, Rule
from rules.rulebook import Rulebook, Rulebooks
from rules.telling import NAMELESS, attribute
from rules.wording import Wording, bound_by

PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
INDEX: Final = "README.md"


@dataclass(frozen=True)
class Shelf:
    """The rulebooks under the default profile and under each other one by its name."""

    books: Rulebooks
    profiles: Mapping[str, Rulebooks] = field(default_factory=dict)

    @cached_property
    def titles(self) -> Mapping[str, Mapping[str, str]]:
        """The titles of all rules by id."""
        return {rule.id: rule.policy.title for book in self.books.books for rule in book.rules}

    @cached_property
    def changes(self) -> Mapping[str, Sequence[Difference]]:
        """What each profile changes."""
        return {name: differences(self.books, books) for name, books in self.profiles.items()}


def pages(shelf: Shelf, language: Language) -> dict[str, str]:
    """Return the text of every page by its file name, the index among them."""
    found = {f"{book.name}.md": _text(_Page(shelf, book, language).lines()) for book in shelf.books.books}
    return {INDEX: _text(_index(shelf, language)), **found}


def in_words(books: Rulebooks, book: Rulebook, language: Language) -> dict[str, str]:
    """Return what each rule of a book says to a reader, as Markdown, by the rule's id."""
    page = _Page(Shelf(books), book, language)
    return {rule.id: _text(page.said(rule)) for rule in book.rules}


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _index(shelf: Shelf, language: Language) -> Iterator[str]:
    zh = language == "zh"
    yield "# 监察规则一览\n" if zh else "# The supervision rules\n"
    yield (
        "本页由规则书生成，请勿手工修改：`mingdeng rules pages`。\n" if zh
        else "Generated from the rulebooks; do not edit by hand: `mingdeng rules pages`.\n"
    )  # fmt: skip
    for book in shelf.books.books:
        yield f"## [{getattr(book.part.title, language)}]({book.name}.md)\n"
        for rule in book.rules:
            light = label("lights", rule.policy.light.value, language) if rule.policy.light else "—"
            card = label("colours", rule.policy.card.value, language) if rule.policy.card else "—"
            title = rule.policy.title[language]
            yield f"- [{rule.id} {title}]({book.name}.md#{rule.id.lower()}) · {light} · {card}"
        yield ""


@dataclass(frozen=True)
class _Page:
    """The page of one rulebook."""

    shelf: Shelf
    book: Rulebook
    language: Language

    @cached_property
    def words(self) -> Wording:
        return Wording(self.book, self.language, self.shelf.titles)

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def lines(self) -> Iterator[str]:
        force = self.book.part.in_force
        until = self.say(f"，至 {force.until_on} 止", f", until {force.until_on}") if force.until_on else ""
        yield f"# {getattr(self.book.part.title, self.language)}\n"
        yield self.say(
            f"规则书 `{self.book.name}`，第 {self.book.version} 版，自 {force.from_on} 起施行{until}。"
            f"[返回一览]({INDEX})。本页由规则书生成，请勿手工修改。\n",
            f"Rulebook `{self.book.name}`, version {self.book.version}, in force from {force.from_on}{until}. "
            f"[All rules]({INDEX}). Generated from the rulebook; do not edit by hand.\n",
        )
        yield self.say(
            "“所需数据”来源从不报送的，该规则对其办件没有数据，在“监督覆盖”中列出；已报送而读不出的、事项目录缺少时限的，"
            "为灰灯（待定），不显示为绿灯。\n",
            "Where a source never reports the data needed, the rule has no data and is listed under “Coverage”; what is "
            "reported and cannot be read, or a limit that the catalogue lacks, is grey (undetermined), never green.\n",
        )
        for rule in self.book.rules:
            yield from self._rule(rule)

    def _rule(self, rule: Rule) -> Iterator[str]:
        yield f'<a id="{rule.id.lower()}"></a>\n\n## {rule.id} {rule.policy.title[self.language]}\n'
        yield from self.said(rule)
        yield ""

    def said(self, rule: Rule) -> Iterator[str]:
        clock = counted_by(rule, self.book.clocks)
        if rule.policy.say:
            yield f"> {self._message(rule)}\n"
        yield self._line("对象", "About", label("case_kinds", rule.part.of, self.language))
        yield self._line("情形", "Holds when", self._condition(rule))
        yield self._line("条件原文", "As written", f"`{written(rule.when)}`")
        for name, text in rule.part.given.items():
            yield self._line("关联", "Bound", f"`{name}: {text}`")
        if clock is not None:
            yield self._line("时钟", "Clock", self._clock(clock))
        for name in self._parameters(rule, clock):
            yield self._line(f"参数 `{name}`", f"Parameter `{name}`", self.words.dated(name))
        yield self._line("后果", "Consequence", self._consequence(rule))
        yield self._line("依据", "Basis", self._basis(rule))
        yield from self._needs(rule, clock)
        yield from self._samples(rule)
        yield from self._changes(rule, clock)

    def _line(self, zh: str, en: str, text: str) -> str:
        return self.say(f"- **{zh}**：{text}", f"- **{en}**: {text}")

    def _message(self, rule: Rule) -> str:
        def shown(match: re.Match[str]) -> str:
            path = tuple(match[1].split("."))
            return self.say(f"〔{self._placeholder(path)}〕", f"[{self._placeholder(path)}]")

        return PLACEHOLDER.sub(shown, rule.policy.say[self.language].strip())

    def _placeholder(self, path: tuple[str, ...]) -> str:
        if path[0] == "clock" and len(path) == 3:
            own = label("placeholders", path[2], self.language)
            return f"{self.words.clock(path[1])}{self.say('', ': ')}{own}"
        if path[0] == "tally" and len(path) == 3:
            return self.words.tally(path[1:])
        return self.words.word(path)

    def _condition(self, rule: Rule) -> str:
        words = Wording(self.book, self.language, self.shelf.titles, bound_by(rule.givens))
        said = words.condition(rule.when) + self.say("。", ".")
        return self.say(said, said[:1].upper() + said[1:])

    def _clock(self, clock: ClockDef) -> str:
        part, words = clock.part, self.words
        limits = [part.due, *part.limit] if part.due is not None else part.limit
        sides = [
            getattr(part.title, self.language),
            words.say("起算：", "starts: ") + self._events(start.event for start in clock.starts),
            words.say("停止：", "stops: ") + self._events(stop.event for stop in clock.stops),
            words.say("时限：", "limit: ") + words.say("，否则", ", else ").join(map(self._limit, limits)),
            label("countings", part.counting.value, self.language),
        ]
        if clock.pauses is not None:
            sides.append(words.say("暂停期间不计", "suspended time does not count"))
        if clock.extends is not None:
            sides.append(words.say("可延期", "may be extended"))
        return words.say("；", "; ").join(sides)

    def _limit(self, limit: str) -> str:
        where, _, name = limit.partition(".")
        match where:
            case "item":
                return self.say("事项目录的", "the catalogue's ") + label("attributes", name, self.language)
            case "event":
                return self.say("事件所载的", "stated by the event: ") + label("attributes", name, self.language)
            case "param":
                return self.words.dated(name) + self.say(f"，参数 `{name}`", f", parameter `{name}`")
        return self.words.written(limit)

    def _events(self, names: Iterator[str]) -> str:
        return self.say("、", ", ").join(dict.fromkeys(label("events", name, self.language) for name in names))

    def _parameters(self, rule: Rule, clock: ClockDef | None) -> Sequence[str]:
        """Return the parameters that the condition reads; those of the clock's limit stand with the clock."""
        return [path[1] for path in (path_of(subject) for _, subject in rule.reads) if path[0] == "param"]

    def _consequence(self, rule: Rule) -> str:
        policy = rule.policy
        found = [label("lights", policy.light.value, self.language)] if policy.light is not None else []
        if policy.card is not None:
            found.append(label("colours", policy.card.value, self.language))
            found.append(label("issue_modes", policy.issue.value, self.language))
        if policy.proposes:
            found.append(
                self.say("责任追究建议：", "proposed measure: ") + label("measures", policy.proposes, self.language)
            )
        if policy.tell is not None:
            ranks = self.say("；", "; ").join(label("ranks", r.value, self.language) for r in policy.tell.and_below())
            found.append(self.say("告知：", "told: ") + ranks)
        if rule.part.casts_doubt:
            found.append(
                self.say("数据存疑，本件其他规则待定", "casts doubt on the data: all other rules are undetermined")
            )
        return self.say("，", ", ").join(found) or "—"

    def _basis(self, rule: Rule) -> str:
        text, link = rule.policy.basis.get("text", "—"), rule.policy.basis.get("link", "")
        return f"[{text}]({link})" if link else text

    def _needs(self, rule: Rule, clock: ClockDef | None) -> Iterator[str]:
        needs = needs_of(rule, clock)
        said = self.say("；", "; ").join(self.say("或", " or ").join(map(self._need, each)) for each in needs)
        if not said:
            said = self.say("无需其他数据", "nothing beyond the case itself")
        yield self._line("所需数据", "Data needed", said)

    def _need(self, need: Need) -> str:
        return need_in_words(need, self.language) + f" `{'.'.join(need)}`"

    def _samples(self, rule: Rule) -> Iterator[str]:
        for sample in samples_of(self.book, rule.id):
            yield self._line(
                *(("界限示例", "Boundary") if sample.boundary else ("示例", "Example")), self._sample(sample)
            )

    def _said(self, rest: str) -> str:
        """Return what an event of an example says of itself: ``reason=testing`` in a reader's words."""

        def worded(found: re.Match[str]) -> str:
            return attribute(found[1], found[2].strip('"'), self.language, NAMELESS, "")

        return re.sub(
            r'([a-z_]+)=("[^"]*"|[^\s"]+)(?: (?=[a-z_]+=))?', lambda found: worded(found) + self.say("，", ", "), rest
        ).rstrip("，, ")

    def _sample(self, sample: Sample) -> str:
        happened = self.say("；", "; ").join(
            f"{each.at} {label('events', each.event, self.language)}{self.say('（', ' (') + self._said(each.rest) + self.say('）', ')') if each.rest else ''}"
            for each in sample.given
        )
        states = {
            "holds": self.say("成立", "holds"), "not": self.say("不成立", "does not hold"),
            "undetermined": self.say("待定", "undetermined"),
        }  # fmt: skip
        seen = self.say("；", "; ").join(f"{at} **{states[state]}**" for at, state in sample.seen)
        item = (
            f"`{sample.item}`；"
            if sample.item and self.language == "zh"
            else f"`{sample.item}`; "
            if sample.item
            else ""
        )
        name = f"{sample.name}: " if self.language == "en" else ""
        return f"{name}{item}{happened} → {seen}"

    def _changes(self, rule: Rule, clock: ClockDef | None) -> Iterator[str]:
        names = {("rule", rule.id)}
        read = list(self._parameters(rule, clock))
        if clock is not None:
            names.add(("clock", f"{self.book.name}/{clock.name}"))
            read += [limit.removeprefix("param.") for limit in clock.part.limit if limit.startswith("param.")]
        names |= {("parameter", f"{self.book.name}/{name}") for name in read}
        for profile, changes in self.shelf.changes.items():
            rows = [change for change in changes if (change.kind, change.name) in names]
            if rows:
                said = self.say("；", "; ").join(map(self._change, rows))
                yield self._line(f"处置档 `{profile}`", f"Profile `{profile}`", said)

    def _change(self, change: Difference) -> str:
        kind, name, feature, was, becomes = change.words(self.language)
        subject = feature if change.kind == "rule" else f"{kind} `{name.partition('/')[2]}` {feature}"
        return f"{subject} {self._coded(change.feature, was)} → {self._coded(change.feature, becomes)}"

    def _coded(self, feature: str, value: str) -> str:
        groups = {
            "light": "lights",
            "card": "colours",
            "issue": "issue_modes",
            "tell": "ranks",
            "counting": "countings",
            "intake": "intakes",
        }
        return label(groups[feature], value, self.language) if feature in groups else value


def need_in_words(need: Need, language: Language) -> str:
    """Return what a source or the catalogue has to report, for a reader."""
    if len(need) == 1:
        event = label("events", need[0], language)
        return f"事件“{event}”" if language == "zh" else f"the event “{event}”"
    attribute = label("attributes", need[1], language)
    if need[0] == "item":
        return f"事项目录的“{attribute}”" if language == "zh" else f"“{attribute}” in the catalogue"
    if need[0] == "case":
        return f"任一事件所载的“{attribute}”" if language == "zh" else f"“{attribute}” at any event"
    event = label("events", need[0], language)
    return f"事件“{event}”所载的“{attribute}”" if language == "zh" else f"“{attribute}” at the event “{event}”"
