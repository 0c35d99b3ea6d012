"""Random rules as text, counting every production of the grammar that they use."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping

from rules.language import SourceRule, parse, parse_given
from rules.language.types import ORDERED, Type, WordInfo
from rules.problems import Place
from tests.fuzz.words import INSTANT_TEXT, OVERLAP, REASONS, RESULTS, STEP, TEXTS, WORDS

PLACE = Place("random", 1, 1)
SUBJECT = {".".join(path): info for path, info in WORDS.items()} | {
    "tally(yellow_cards, quarter)": WordInfo(Type.NUMBER),
    "event(accepted).officer": WordInfo(Type.TEXT),
    "event(accepted).at": WordInfo(Type.INSTANT),
}
EQUALITY, ORDER = ["==", "!="], ["<", "<=", ">", ">="]
PARTS = ["", "a", "材", "%", '"', "k\\s"]
PATTERNS = ["^a", "[0-9]+", "材料$", "a|b", "x{3,}", "s(o|e)"]


class Author:
    """Writes random rulebooks."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.hits: Counter[str] = Counter()

    def rulebook(self) -> list[SourceRule]:
        """Return one to five rules of one subject, of which later ones may build on earlier ones."""
        rules: list[SourceRule] = []
        for number in range(self.dice.randint(1, 5)):
            bindings = self.bindings() if self.dice.random() < 0.35 else {}
            fields = {name: fields for name, (_, fields, _) in bindings.items()}
            when = self.condition(self.dice.choice([0, 1, 2, 2]), fields, [rule.id for rule in rules])
            givens = {
                name: parse_given(f"{register} where {where}", PLACE) for name, (register, _, where) in bindings.items()
            }
            rules.append(SourceRule(f"R{number}", "case/promise", parse(when, PLACE), givens))
        self.dice.shuffle(rules)
        return rules

    def bindings(self) -> dict[str, tuple[str, Mapping[str, WordInfo], str]]:
        """Return one or two bindings: register, fields and condition by name."""
        self.hit("given")
        key = self.dice.choice(
            ["x.matter == case.matter", "case.matter == x.matter", "x.rank == contact.rank", "x.lead == case.unit"]
        )
        scope: dict[str, Mapping[str, WordInfo]] = {"x": OVERLAP}
        found: dict[str, tuple[str, Mapping[str, WordInfo], str]] = {"x": ("overlap", OVERLAP, self.where(key, scope))}
        if self.dice.random() < 0.3:
            self.hit("given twice")
            second = self.dice.choice(["y.lead == x.lead", "y.lead == case.unit", "x.rank == y.weight"])
            scope["y"] = REASONS
            found["y"] = ("reasons", REASONS, self.where(second, scope))
        return found

    def where(self, key: str, scope: Mapping[str, Mapping[str, WordInfo]]) -> str:
        if self.dice.random() < 0.5:
            return key
        self.hit("where and")
        more = self.bracketed(1, scope, [])
        return f"{key} and {more}" if self.dice.random() < 0.7 else f"{more} and {key}"

    def condition(self, depth: int, scope: Mapping[str, Mapping[str, WordInfo]], rules: list[str]) -> str:
        """Return a random condition."""
        if depth == 0 or self.dice.random() < 0.25:
            return self.leaf(scope, rules)
        kind = self.dice.choice(["and", "or", "not"])
        self.hit(kind)
        if kind == "not":
            return f"not {self.bracketed(depth - 1, scope, rules)}"
        parts = [self.bracketed(depth - 1, scope, rules) for _ in range(self.dice.choice([2, 2, 3]))]
        return f" {kind} ".join(parts)

    def bracketed(self, depth: int, scope: Mapping[str, Mapping[str, WordInfo]], rules: list[str]) -> str:
        return f"({self.condition(depth, scope, rules)})"

    def leaf(self, scope: Mapping[str, Mapping[str, WordInfo]], rules: list[str]) -> str:
        """Return a random leaf: of the subject, of a row, of both, a collection or a finding."""
        if rules and self.dice.random() < 0.2:
            self.hit("finding")
            return f"finding({self.dice.choice(rules)})"
        if scope and self.dice.random() < 0.5:
            name = self.dice.choice(list(scope))
            row = {f"{name}.{word}": info for word, info in scope[name].items()}
            if self.dice.random() < 0.4:
                return self.between(row, scope, name)
            self.hit("row leaf")
            return self.plain(row, {})
        if self.dice.random() < 0.15:
            kind = self.dice.choice(["any", "all"])
            self.hit(kind)
            step = {f"e.{word}": info for word, info in STEP.items()}
            inside = " and ".join(self.plain(step, SUBJECT) for _ in range(self.dice.choice([1, 2])))
            return f"{kind}(e in case.steps: {self.dice.choice(['', 'not '])}({inside}))"
        return self.plain(SUBJECT, SUBJECT)

    def between(self, row: Mapping[str, WordInfo], scope: Mapping[str, Mapping[str, WordInfo]], name: str) -> str:
        """Return a comparison between a row and the subject, or between two rows."""
        others = dict(SUBJECT)
        for other in scope:
            if other != name:
                others |= {f"{other}.{word}": info for word, info in scope[other].items()}
        left = self.dice.choice([word for word, info in row.items() if info.type is not Type.BOOL])
        same = [word for word, info in others.items() if info.type is row[left].type]
        op = self.dice.choice(EQUALITY if row[left].type in {Type.TEXT, Type.CODE} else EQUALITY + ORDER)
        self.hit(f"join {op}")
        sides = [left, self.dice.choice(same)]
        self.dice.shuffle(sides)
        return f"{sides[0]} {op} {sides[1]}"

    def plain(self, words: Mapping[str, WordInfo], others: Mapping[str, WordInfo]) -> str:
        """Return a test of one word."""
        word = self.dice.choice(list(words))
        info = words[word]
        if info.type is Type.COLLECTION or self.dice.random() < 0.1:
            self.hit("exists")
            return f"exists {self.dice.choice([word, 'event(accepted)']) if word.startswith('case') else word}"
        makers: dict[Type, Callable[[str, WordInfo], str]] = {
            Type.BOOL: self.bool,
            Type.TEXT: self.text,
            Type.CODE: self.code,
        }
        if info.type in makers:
            return makers[info.type](word, info)
        return self.ordered(word, info, others)

    def bool(self, word: str, info: WordInfo) -> str:
        self.hit("bool")
        return word

    def text(self, word: str, info: WordInfo) -> str:
        kind = self.dice.choice(["==", "!=", "contains", "matches", "in", "not in"])
        self.hit(f"text {kind}")
        if kind == "matches":
            return f"{word} matches {quoted(self.dice.choice(PATTERNS))}"
        if kind == "contains":
            return f"{word} contains {quoted(self.dice.choice(PARTS))}"
        return self.against(word, kind, [quoted(text) for text in TEXTS])

    def code(self, word: str, info: WordInfo) -> str:
        kind = self.dice.choice(["==", "!=", "in", "not in"])
        self.hit(f"code {kind}")
        return self.against(word, kind, sorted(RESULTS))

    def against(self, word: str, kind: str, values: list[str]) -> str:
        if kind in EQUALITY:
            return f"{word} {kind} {self.dice.choice(values)}"
        count = self.dice.choice([1, 2, 3, 10])
        if count > 8:
            self.hit("long list")
        return f"{word} {kind} [{', '.join(self.dice.choices(values, k=count))}]"

    def ordered(self, word: str, info: WordInfo, others: Mapping[str, WordInfo]) -> str:
        assert info.type in ORDERED
        ops = ORDER if info.type is Type.ELAPSED else EQUALITY + ORDER
        op = self.dice.choice(ops)
        chance = self.dice.random()
        allowed = {Type.SHARE, Type.DURATION} if info.type is Type.ELAPSED else {info.type}
        same = [other for other, known in others.items() if known.type in allowed]
        self.hit(f"{info.type} {op}")
        if chance < 0.25 and same:
            other = self.dice.choice(same)
            self.hit("param" if other.startswith("param") else "two words")
            return f"{other} {op} {word}" if self.dice.random() < 0.3 else f"{word} {op} {other}"
        if chance < 0.4 and info.type is not Type.ELAPSED:
            self.hit("in numbers")
            values = [self.constant(info.type) for _ in range(self.dice.choice([1, 2, 9]))]
            return f"{word} {self.dice.choice(['in', 'not in'])} [{', '.join(values)}]"
        if chance < 0.5:
            self.hit("constant first")
            return f"{self.constant(info.type)} {op} {word}"
        return f"{word} {op} {self.constant(info.type)}"

    def constant(self, type_: Type) -> str:
        pick = self.dice.choice
        match type_:
            case Type.SHARE:
                return pick(["90%", "50%", "0%", "33.3%", "33.33%", "125%"])
            case Type.MONEY:
                return pick(["200 yuan", "200 元", "19999 fen", "0 yuan", "0.01 yuan"])
            case Type.DURATION:
                return pick(["3 workdays", "3 working days", "60 minutes", "1 hour", "12 months", "2.5天", "1 year"])
            case Type.ELAPSED:
                return pick(["90%", "50%", "3 workdays", "12 workdays", "1 hour"])
            case Type.INSTANT:
                return pick([f'"{INSTANT_TEXT}"', '"2023-11-14T22:13:20+00:00"'])
            case _:
                return pick(["0", "1", "2", "3", "-1", "2.5", "0.1", "-0.25", "0.3333333", "100000000000000", "0.0001"])

    def hit(self, production: str) -> None:
        """Count one use of a production."""
        self.hits[production] += 1


def quoted(text: str) -> str:
    """Return a text as it is written in a condition."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
