"""The published procedure: a step left out, a decision before acceptance."""

from __future__ import annotations

from samples.county.scenarios.application import Application, accepted, received
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.products import Product
from samples.county.scenarios.scenario import Scenario
from samples.county.scenarios.worktime import DAY, advance


def _real(product: Product) -> bool:
    return product.promised >= 5


def review_skipped(desk: Desk) -> list[Dossier]:
    """Granted without a published step."""
    case = accepted(desk, desk.product(_real))
    end = case.lawful(0.4, desk.rng.choice((("check", "approve"), ("review", "approve"))))
    case.dossier.owe("P01", end)
    return [case.finish(end)]


def approval_skipped(desk: Desk) -> list[Dossier]:
    """Granted without the approval, which decides."""
    case = accepted(desk, desk.product(_real))
    end = case.lawful(0.4, ("check", "review"))
    case.dossier.owe("P01", end)
    case.dossier.owe("P01R", end)
    return [case.finish(end)]


def optional_step_taken(desk: Desk) -> list[Dossier]:
    """The procedure with the step that it offers, or without it."""
    names = desk.rng.choice((("check", "review", "approve"), ("check", "review", "visit", "approve")))
    case = accepted(desk, desk.product(_real))
    return [case.finish(case.lawful(0.45, names))]


def refused_without_approval(desk: Desk) -> list[Dossier]:
    """Refused after the review: the approval of a grant is not missing."""
    case = accepted(desk, desk.product(_real))
    end = advance(case.accepted_at, int(0.4 * case.product.promised * DAY))
    case.handle(end, ("check", "review"))
    case.complete(end, granted=False)
    return [case.finish(end)]


def withdrawn_before_review(desk: Desk) -> list[Dossier]:
    """The applicant withdraws early, gives a reason and confirms it."""
    case = accepted(desk, desk.product(_real))
    end = advance(case.accepted_at, int(0.3 * case.product.promised * DAY))
    case.handle(end, ("check",))
    case.note(end, "withdrawn", case.clerk, reason="申请人不再需要", confirmed="是")
    return [case.finish(end)]


def approved_before_acceptance(desk: Desk) -> list[Dossier]:
    """All steps are done and approved; the acceptance is written afterwards."""
    case, ready = _begun(desk)
    approved = ready + desk.rng.randint(1_200, 2_400)
    case.step("approve", ready + 300, approved)
    case.accept(approved + desk.rng.choice((1, 60, 1_800)))
    case.dossier.owe("P03", approved)
    return [_decided(case)]


def approved_with_acceptance(desk: Desk) -> list[Dossier]:
    """Checked and reviewed beforehand, approved in the very second of acceptance or the next."""
    case, ready = _begun(desk)
    case.accept(ready + 2_400)
    case.step("approve", ready + 600, case.accepted_at + desk.rng.choice((0, 1)))
    return [_decided(case)]


def _begun(desk: Desk) -> tuple[Application, int]:
    case = received(desk, desk.product(_real))
    at = case.received_at
    case.step("check", at + 60, at + desk.rng.randint(300, 600))
    case.step("review", at + 700, at + desk.rng.randint(1_000, 1_500))
    return case, at + 1_500


def _decided(case: Application) -> Dossier:
    end = case.accepted_at + case.desk.rng.randint(600, 3_000)
    case.complete(end)
    return case.finish(end)


SKIPPED = Scenario(
    "step skipped", "越过环节", ("P01", "P01R"), (review_skipped, approval_skipped),
    (optional_step_taken, refused_without_approval, withdrawn_before_review),
)  # fmt: skip
EARLY = Scenario(
    "approval before acceptance", "先批后受理", ("P03",), (approved_before_acceptance,), (approved_with_acceptance,)
)  # fmt: skip
