"""A differential test is worth what it finds: each of these faults, planted in the lowering, is seen by the oracle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from rules.engine import ChildEngine
from rules.language import compiling, lowering, normal, projection, terms, values
from rules.language.lowering import Lowered, Lowering
from rules.language.nodes import MIRRORED, OPPOSITE, Among, And, Leaf, Node, Not, Or
from rules.language.normal import SELF, Branch, Branches, FieldTest, FoundTest, Lower
from rules.language.types import Read, Type
from tests.fuzz.differential import differences

ENOUGH = 600


def de_morgan_forgotten(patch: pytest.MonkeyPatch) -> None:
    def false_branches(node: Node, lower: Lower) -> Branches:
        if isinstance(node, And | Or):
            parts = [false_branches(part, lower) for part in node.parts]
            return normal.conjoin(parts) if isinstance(node, And) else normal.disjoin(parts)
        return normal.true_branches(node.part, lower) if isinstance(node, Not) else lower(node)[1]

    patch.setattr(normal, "false_branches", false_branches)


def missing_values_forgotten(patch: pytest.MonkeyPatch) -> None:
    without(patch, lambda branch: branch.kind == "O")


def denials_forgotten(patch: pytest.MonkeyPatch) -> None:
    without(patch, lambda branch: branch.kind == "F")


def lost_keys_forgotten(patch: pytest.MonkeyPatch) -> None:
    without(patch, lambda branch: any(isinstance(t, FieldTest) and t.field.startswith("has_") for t in branch.tests))


def gaps_of_rows_forgotten(patch: pytest.MonkeyPatch) -> None:
    without(
        patch,
        lambda branch: any(isinstance(t, FieldTest) and t.alias != SELF and t.field == "gap" for t in branch.tests),
    )


def without(patch: pytest.MonkeyPatch, dropped: Callable[[Lowered], bool]) -> None:
    original = Lowering.lower

    def lower(self: Lowering, mark: str) -> tuple[Lowered, ...]:
        return tuple(branch for branch in original(self, mark) if not dropped(branch))

    patch.setattr(Lowering, "lower", lower)


def at_least_for_more(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lowering, "OPPOSITE", {**OPPOSITE, "<=": ">="})


def not_in_flipped(patch: pytest.MonkeyPatch) -> None:
    original = lowering._among

    def among(rule: Lowering, leaf: Among) -> tuple[Branches, Branches]:
        true, false = original(rule, leaf)
        return (false, true) if leaf.negated else (true, false)

    patch.setattr(lowering, "_among", among)


def joins_not_mirrored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lowering, "MIRRORED", {op: op for op in MIRRORED})


def absent_finding_for_false(patch: pytest.MonkeyPatch) -> None:
    original = lowering.lower_leaf

    def lower_leaf(rule: Lowering, leaf: Leaf) -> tuple[Branches, Branches]:
        true, false = original(rule, leaf)
        return true, tuple(frozenset(t for t in branch if not isinstance(t, FoundTest)) for branch in false)

    patch.setattr(lowering, "lower_leaf", lower_leaf)


def gaps_of_earlier_rules_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compiling, "references", lambda _rule: ())


def longer_branch_kept(patch: pytest.MonkeyPatch) -> None:
    def simplified(branches: Sequence[Branch]) -> Branches:
        found = list(dict.fromkeys(branches))
        return tuple(b for b in found if not any(b < longer for longer in found))

    patch.setattr(normal, "simplified", simplified)


def whole_basis_points_only(patch: pytest.MonkeyPatch) -> None:
    original = values.plain

    def plain(type_: Type, value: Read) -> values.Plain | None:
        found = original(type_, value)
        return int(found) if type_ is Type.SHARE and isinstance(found, float) else found

    patch.setattr(terms, "plain", plain)


def unknown_truth_as_false(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(projection, "_as_number", lambda truth: lambda env, row: int(truth(env, row) or False))


FAULTS = (
    de_morgan_forgotten, missing_values_forgotten, denials_forgotten, lost_keys_forgotten, gaps_of_rows_forgotten,
    at_least_for_more, not_in_flipped, joins_not_mirrored, absent_finding_for_false, gaps_of_earlier_rules_forgotten,
    longer_branch_kept, whole_basis_points_only, unknown_truth_as_false,
)  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[ChildEngine]:
    with ChildEngine(memo=0) as child:
        yield child


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_the_oracle_finds_the_planted_fault(
    plant: Callable[[pytest.MonkeyPatch], None], engine: ChildEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert next(differences(engine, 5, ENOUGH, Counter()), None) is not None
