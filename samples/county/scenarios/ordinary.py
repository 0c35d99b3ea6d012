"""Ordinary life: what most cases are, and the few that are simply late, which the truth file says, too."""

from __future__ import annotations

from samples.county.scenarios import acceptance, meetings, procedure
from samples.county.scenarios.application import accepted
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.worktime import DAY, advance


def punctual(desk: Desk) -> list[Dossier]:
    """Decided somewhere within the promise; near its end there are reminders."""
    case = accepted(desk, desk.product(lambda product: product.promised >= 5))
    return [case.finish(case.lawful(desk.rng.uniform(0.1, 0.99)))]


def late(desk: Desk) -> list[Dossier]:
    """Decided some days after the promise."""
    case = accepted(desk, desk.product(lambda product: product.promised >= 5))
    end = advance(case.accepted_at, (case.product.promised + desk.rng.randint(1, 4)) * DAY)
    case.handle(end)
    case.complete(end, granted=desk.rng.random() < 0.8)
    return [case.finish(end)]


KINDS = (
    punctual, punctual, punctual, punctual, punctual, punctual, late, meetings.three_units,
    acceptance.notified_on_the_fifth_day, procedure.withdrawn_before_review,
)  # fmt: skip


def day_in_day_out(desk: Desk, cases: int) -> list[Dossier]:
    """Return so many ordinary cases."""
    return [dossier for _ in range(cases) for dossier in desk.rng.choice(KINDS)(desk)][:cases]
