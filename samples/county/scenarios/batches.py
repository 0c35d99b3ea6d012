"""Cases that are entered in one batch after the fact (先办后录), and busy clerks who are not to blame."""

from __future__ import annotations

from samples.county.scenarios.application import Application, accepted
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.products import Product
from samples.county.scenarios.scenario import Scenario
from samples.county.workdays import instant

INSERTED = 40
"""So many whole cases are inserted within two minutes; twenty within five are too many (P05)."""


def inserted_in_two_minutes(desk: Desk) -> list[Dossier]:
    """Forty finished cases of one unit are written into the system within two minutes, on the evening of their day."""
    burst = _burst(desk, INSERTED, 120)
    batch = Dossier("applications", f"batch of {burst[0].unit}", burst[0].unit)
    batch.owe("P05", max(act.entered_at for dossier in burst for act in dossier.acts))
    return [batch, *burst]


def nineteen_in_two_minutes(desk: Desk) -> list[Dossier]:
    """Nineteen cases within two minutes: one fewer than makes a batch."""
    return _burst(desk, 19, 120)


def twenty_in_an_hour(desk: Desk) -> list[Dossier]:
    """Twenty cases, written down one by one over an hour."""
    return _burst(desk, 20, 3_600)


def _burst(desk: Desk, cases: int, seconds: int) -> list[Dossier]:
    product, day = desk.product(_slow), desk.day()
    evening = instant(day, 72_000)
    made = []
    for number in range(cases):
        case = accepted(desk, product, desk.moment(day))
        end = min(case.accepted_at + desk.rng.randint(600, 3_000), evening - 900)
        case.complete(end, deliver=False)
        case.note(end + 400, "delivered", case.clerk)
        made.append(_written(case, evening + number * seconds // cases))
    return made


def _written(case: Application, at: int) -> Dossier:
    case.dossier.acts = [act._replace(written_at=at) for act in case.dossier.acts]
    return case.finish(at)


def _slow(product: Product) -> bool:
    return product.promised >= 10


BATCH = Scenario(
    "40 cases inserted in 2 min", "批量补录", ("P05",), (inserted_in_two_minutes,),
    (nineteen_in_two_minutes, twenty_in_an_hour),
)  # fmt: skip
