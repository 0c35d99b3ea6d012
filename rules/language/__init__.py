"""The condition language of rulebooks: text -> tree -> checked -> branches of the rule engine."""

from rules.language.checking import check, check_name
from rules.language.compiling import compile_rules
from rules.language.nodes import Given, Node, SourceRule, leaves, subjects, written
from rules.language.parsing import parse, parse_given, parse_word
from rules.language.program import Program, TimeTest
from rules.language.projection import Fact
from rules.language.terms import evaluate_term
from rules.language.types import Env, Read, Type, Vocabulary, WordInfo

__all__ = [
    "Env", "Fact", "Given", "Node", "Program", "Read", "SourceRule", "TimeTest", "Type", "Vocabulary", "WordInfo",
    "check", "check_name", "compile_rules", "evaluate_term", "leaves", "parse", "parse_given", "parse_word", "subjects", "written",
]  # fmt: skip
