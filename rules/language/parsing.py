"""Reads a condition as text into its tree, or says in a sentence what does not fit and how to mend it."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from functools import cache, lru_cache
from typing import Final, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from rules.documents import nearest
from rules.language import nodes
from rules.language.misspelling import misspelt, unreadable
from rules.language.places import At, Origin
from rules.language.types import Type
from rules.problems import Place, Problem, UserError
from rules.quantities import WORDS, Quantity

MONEY: Final = {"yuan": 100, "元": 100, "fen": 1, "分": 1}
"""Units of money in fen."""


def parse(text: str, place: Place) -> nodes.Node:
    """Return the tree of a condition that begins at ``place``; raise ``UserError`` with the place inside the text."""
    origin = Origin(text, place)
    return _Builder(origin).node(_tree(origin, "condition"))


def parse_given(text: str, place: Place) -> nodes.Given:
    """Return the binding written as ``register where condition``; raise ``UserError`` as ``parse`` does."""
    origin = Origin(text, place)
    tree = _tree(origin, "given")
    register, condition = tree.children
    where = _Builder(origin).node(cast("Tree[Token]", condition))
    return nodes.Given(str(register), where, At(origin, 0, len(text)))


def parse_word(text: str, place: Place) -> nodes.Subject:
    """Return the one word or call that is written, such as ``event(objected).unit``; raise ``UserError`` for anything else."""
    origin = Origin(text, place)
    try:
        return _Builder(origin).subject(_parser().parse(text, start="operand"), "rule/word")
    except (UnexpectedInput, UserError) as error:
        raise UserError([Problem(
            "rule/word", place, f"'{text}' is not one word of the vocabulary.", f"“{text}”不是词表中的一个词。",
            "Write one word, such as 'event(objected).unit'.", "请只写一个词，如 event(objected).unit。",
        )]) from error  # fmt: skip


@cache
def _parser() -> Lark:
    return Lark.open(
        "grammar.lark", rel_to=__file__, parser="lalr", start=["condition", "given", "operand"],
        propagate_positions=True,
    )  # fmt: skip


@lru_cache(maxsize=4_096)
def _parsed(text: str, start: str) -> Tree[Token]:
    """Return lark's tree, which nobody changes; while a rulebook is written most of its conditions stay as they are."""
    return _parser().parse(text, start=start)


def _tree(origin: Origin, start: str) -> Tree[Token]:
    fault = unreadable(origin)
    if fault is not None:
        raise UserError([fault])
    try:
        return _parsed(origin.text, start)
    except UnexpectedInput as error:
        raise UserError([misspelt(origin, error, start)]) from error


class _Builder:
    """Turns lark's tree into nodes."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin

    def at(self, tree: Tree[Token] | Token) -> At:
        if isinstance(tree, Token):
            return At(self.origin, tree.start_pos or 0, tree.end_pos or 0)
        return At(self.origin, tree.meta.start_pos, tree.meta.end_pos)

    def refuse(self, at: At, code: str, en: str, zh: str, mend_en: str = "", mend_zh: str = "") -> UserError:
        return UserError([Problem(code, at.place, en, zh, mend_en, mend_zh)])

    def node(self, tree: Tree[Token]) -> nodes.Node:
        """Return the node of a condition's tree."""
        children = cast("list[Tree[Token]]", tree.children)
        at = self.at(tree)
        match tree.data:
            case "disjunction" | "conjunction":
                parts = tuple(self.node(child) for child in children)
                if len(parts) == 1:
                    return parts[0]
                return nodes.Or(parts, at) if tree.data == "disjunction" else nodes.And(parts, at)
            case "negation":
                return nodes.Not(self.node(children[-1]), at) if len(children) == 2 else self.node(children[0])
            case "group":
                return self.node(children[0])
            case "holds":
                return self.holds(children[0], at)
            case "exists":
                return nodes.Exists(self.subject(children[1], "rule/exists"), at)
            case "compare":
                return self.compare(children, at)
            case "among":
                return nodes.Among(self.subject(children[0], "rule/in"), self.items(children[1]), False, at)
            case "not_among":
                return nodes.Among(self.subject(children[0], "rule/in"), self.items(children[2]), True, at)
            case "text_test":
                return self.text_test(tree, at)
            case _:
                return self.each(tree, at)

    def holds(self, tree: Tree[Token], at: At) -> nodes.Leaf:
        subject = self.subject(tree, "rule/condition")
        if not isinstance(subject, nodes.Call) or subject.name != "finding":
            return nodes.Holds(subject, at)
        if len(subject.args) != 1 or subject.rest:
            raise self.refuse(
                at, "rule/finding", "A finding names one rule.", "finding 只能引用一条规则。",
                "Write 'finding(T04)'.", "请写“finding(T04)”。",
            )  # fmt: skip
        return nodes.Finding(subject.args[0], at)

    def text_test(self, tree: Tree[Token], at: At) -> nodes.TextTest:
        left, kind, pattern = tree.children
        subject = self.subject(cast("Tree[Token]", left), "rule/text")
        return nodes.TextTest(subject, "contains" if kind == "contains" else "matches", _unquoted(str(pattern)), at)

    def each(self, tree: Tree[Token], at: At) -> nodes.Each:
        kind, name, over, condition = tree.children
        word = self.operand(cast("Tree[Token]", over))
        inside = self.node(cast("Tree[Token]", condition))
        return nodes.Each("any" if kind == "any" else "all", str(name), cast("nodes.Word", word), inside, at)

    def compare(self, children: list[Tree[Token]], at: At) -> nodes.Compare:
        left, right = self.operand(children[0]), self.operand(children[2])
        op = cast("nodes.Op", str(children[1]))
        if isinstance(left, nodes.Constant):
            if isinstance(right, nodes.Constant):
                raise self.refuse(
                    at, "rule/constant", "Two fixed values are compared.", "比较的两边都是固定值。",
                    "One side has to be a word such as 'case.result'.", "其中一边须为词，如“case.result”。",
                )  # fmt: skip
            left, right, op = right, left, nodes.MIRRORED[op]
        return nodes.Compare(left, op, self.code(right), at)

    def code(self, operand: nodes.Operand) -> nodes.Operand:
        """Return a bare single word as the code that it means on the right-hand side."""
        if isinstance(operand, nodes.Word) and len(operand.path) == 1:
            return nodes.Constant(Type.CODE, operand.path[0], operand.path[0], operand.at)
        return operand

    def items(self, tree: Tree[Token]) -> tuple[nodes.Constant, ...]:
        found = [self.code(self.operand(cast("Tree[Token]", child))) for child in tree.children]
        for item in found:
            if not isinstance(item, nodes.Constant):
                raise self.refuse(
                    item.at, "rule/in", "A list holds fixed values only.", "列表中只能写固定值。",
                    "Compare with '==' and join with 'or' instead.", "请改用“==”并以“or”连接。",
                )  # fmt: skip
        return tuple(cast("list[nodes.Constant]", found))

    def subject(self, tree: Tree[Token], code: str) -> nodes.Subject:
        operand = self.operand(tree)
        if isinstance(operand, nodes.Constant):
            raise self.refuse(
                operand.at, code,
                f"The value {operand.written} alone says nothing.", f"单独的值 {operand.written} 不构成条件。",
                "Begin with a word, such as 'case.result == ...'.", "请以词开头，如“case.result == …”。",
            )  # fmt: skip
        return operand

    def operand(self, tree: Tree[Token]) -> nodes.Operand:
        at = self.at(tree)
        match tree.data:
            case "path":
                return nodes.Word(tuple(map(str, tree.children)), at)
            case "call":
                return self.call(tree, at)
            case "text":
                value = _unquoted(str(tree.children[0]))
                return nodes.Constant(Type.TEXT, value, str(tree.children[0]), at)
            case _:
                return self.number(tree, at)

    def call(self, tree: Tree[Token], at: At) -> nodes.Call:
        name, *others = _present(tree)
        args = tuple(" ".join(map(str, _present(child))) for child in others if isinstance(child, Tree))
        rest = tuple(str(child) for child in others if isinstance(child, Token))
        return nodes.Call(str(name), args, rest, at)

    def number(self, tree: Tree[Token], at: At) -> nodes.Constant:
        amount, *unit = map(str, _present(tree))
        word = " ".join(" ".join(unit).split())
        if not word:
            return nodes.Constant(Type.NUMBER, Fraction(amount), amount, at)
        if word == "%":
            return nodes.Constant(Type.SHARE, Fraction(amount) / 100, f"{amount}%", at)
        if word.lower() in MONEY:
            return nodes.Constant(Type.MONEY, self.fen(amount, word, at), f"{amount} {word}", at)
        try:
            quantity = Quantity.parse(f"{amount} {word}")
        except ValueError as error:
            raise self.unknown_unit(amount, word, at) from error
        return nodes.Constant(Type.DURATION, quantity, f"{amount} {word}", at)

    def fen(self, amount: str, word: str, at: At) -> int:
        fen = Fraction(amount) * MONEY[word.lower()]
        if fen.denominator != 1:
            raise self.refuse(
                at, "rule/money", "An amount of money has whole fen.", "金额须精确到分。",
                "Write at most two decimals.", "请最多写两位小数。",
            )  # fmt: skip
        return int(fen)

    def unknown_unit(self, amount: str, word: str, at: At) -> UserError:
        near = nearest(word.lower(), [*WORDS, *MONEY])
        return self.refuse(
            at, "rule/unit", f"'{amount} {word}' has no known unit.", f"“{amount} {word}”的单位未知。",
            f"Did you mean '{amount} {near}'?" if near else "Units are workdays, days, hours, months, years, yuan, %.",
            f"是否应为“{amount} {near}”？" if near else "单位有工作日、日、小时、月、年、元和 %。",
        )  # fmt: skip


def _present(tree: Tree[Token]) -> list[Token | Tree[Token]]:
    """Return a tree's children; an optional part of the grammar that is not there is None among them."""
    return [child for child in cast("list[Token | Tree[Token] | None]", tree.children) if child is not None]


def _unquoted(text: str) -> str:
    """Return the text between the quotes; a backslash keeps its meaning unless it stands before a quote or backslash."""
    inside = text[1:-1]
    out, escaped = [], False
    for character in inside:
        if escaped:
            out.append(character if character in "\"'\\" else "\\" + character)
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            out.append(character)
    return "".join(out)


def instant_of(text: str) -> int | None:
    """Return the instant written as ISO 8601 with its offset, None if it is none (or has no offset)."""
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if read.tzinfo is None else int(read.timestamp())
