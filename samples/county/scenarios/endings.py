"""How cases end: returned near the limit and numbered anew, completed without a certificate, a limit that changes."""

from __future__ import annotations

from samples.county.scenarios.application import Application, accepted
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.products import Product
from samples.county.scenarios.scenario import Scenario
from samples.county.scenarios.worktime import DAY, advance
from samples.county.workdays import instant, is_workday, later, shift

ONE_DAY = 86_400


def _real(product: Product) -> bool:
    return product.promised >= 10


def returned_and_renumbered(desk: Desk) -> list[Dossier]:
    """Returned when nine tenths are used; two days later the same application bears a new number and a new clock."""
    case = accepted(desk, desk.product(_real))
    end = _returned(case, desk.rng.choice((0.9, 0.93, 0.99)))
    case.dossier.owe("WD02", end)
    again = _again(case, end + 2 * ONE_DAY)
    again.owe("WD03", again.acts[0].at)
    return [case.finish(end), again]


def returned_in_time_and_renumbered_later(desk: Desk) -> list[Dossier]:
    """Returned before four fifths are used; the applicant comes again after more than ten days."""
    case = accepted(desk, desk.product(_real))
    end = _returned(case, 0.8, seconds=-desk.rng.choice((1, 3_600)))
    return [case.finish(end), _again(case, end + desk.rng.randint(11, 20) * ONE_DAY)]


def returned_and_another_item(desk: Desk) -> list[Dossier]:
    """Returned early; the same applicant asks for another item the day after."""
    case = accepted(desk, desk.product(_real))
    end = _returned(case, 0.5, seconds=-1)
    other = desk.product(lambda product: product.promised >= 10 and product.code != case.product.code)
    return [case.finish(end), _again(case, end + ONE_DAY, other)]


def without_certificate(desk: Desk) -> list[Dossier]:
    """Granted and closed; the certificate has no number."""
    case = accepted(desk, desk.product(lambda product: product.certificate and product.promised >= 5))
    end = advance(case.accepted_at, int(0.4 * case.product.promised * DAY))
    case.handle(end)
    case.complete(end, certificate="", deliver=False)
    case.note(end + 400, "certificate_issued", case.clerk)
    case.note(end + 600, "delivered", case.clerk)
    case.dossier.owe("V01", end)
    return [case.finish(end)]


def no_certificate_needed(desk: Desk) -> list[Dossier]:
    """An item that ends without a certificate."""
    case = accepted(desk, desk.product(lambda product: not product.certificate and product.promised >= 5))
    end = advance(case.accepted_at, int(0.4 * case.product.promised * DAY))
    case.handle(end)
    case.complete(end, certificate="")
    return [case.finish(end)]


def refused(desk: Desk) -> list[Dossier]:
    """Refused: there is nothing to certify."""
    case = accepted(desk, desk.product(lambda product: product.certificate and product.promised >= 5))
    end = advance(case.accepted_at, int(0.4 * case.product.promised * DAY))
    case.handle(end)
    case.complete(end, granted=False)
    return [case.finish(end)]


def certified(desk: Desk) -> list[Dossier]:
    """Granted with a number; the paper is issued on the third working day, the last lawful one."""
    case = accepted(desk, desk.product(lambda product: product.certificate and product.promised >= 5))
    end = advance(case.accepted_at, int(0.4 * case.product.promised * DAY))
    case.handle(end)
    case.complete(end, deliver=False)
    issued = next(n for n, act in enumerate(case.dossier.acts) if act.what == "certificate_issued")
    case.dossier.acts[issued] = case.dossier.acts[issued]._replace(at=later(end, 3))
    case.note(later(end, 10), "delivered", case.clerk)
    return [case.finish(end)]


def old_promise_broken(desk: Desk) -> list[Dossier]:
    """A longer promise comes into force in flight; the one of the day of acceptance is broken all the same."""
    product = _changing(desk, lengthened=True)
    case = _across(desk, product, 2)
    return [_ended(case, case.product.promised * DAY + desk.rng.choice((1, 3_600, DAY)))]


def old_promise_kept(desk: Desk) -> list[Dossier]:
    """A shorter promise comes into force in flight; the one of the day of acceptance is kept, to the second."""
    product = _changing(desk, lengthened=False)
    case = _across(desk, product, 3)
    return [_ended(case, case.product.promised * DAY - desk.rng.choice((0, 1, 3 * DAY)))]


def new_promise_kept(desk: Desk) -> list[Dossier]:
    """Accepted on the first day of the longer promise, which is kept to the second."""
    product = _changing(desk, lengthened=True)
    day = product.changes_on
    day = day if is_workday(day) else shift(day, 1)
    case = accepted(desk, product, desk.moment(day))
    return [_ended(case, case.product.promised * DAY - desk.rng.choice((0, 1, DAY)))]


def _returned(case: Application, share: float, seconds: int = 0) -> int:
    end = advance(case.accepted_at, round(share * case.product.promised * DAY) + seconds)
    case.handle(end, ("check", "review"))
    case.note(end, "returned", case.clerk, reason="材料不符合要求")
    return end


def _again(first: Application, at: int, product: Product | None = None) -> Dossier:
    case = Application(first.desk, product or first.product, at)
    case.dossier.acts[0] = case.dossier.acts[0]._replace(
        said={**case.dossier.acts[0].said, "applicant": first.applicant}
    )
    case.accept(at + 1_200)
    return case.finish(case.lawful(0.4))


def _changing(desk: Desk, *, lengthened: bool) -> Product:
    return desk.rng.choice(
        [p for p in desk.products if p.later is not None and (p.later.promised > p.promised) == lengthened]
    )


def _across(desk: Desk, product: Product, workdays: int) -> Application:
    """Return a case that was accepted so many working days before its item changes."""
    last = shift(product.changes_on, -1)
    day = shift(last, -workdays) if workdays else last
    return accepted(desk, product, instant(day, desk.rng.randint(32_400, 58_000)))


def _ended(case: Application, seconds: int) -> Dossier:
    end = advance(case.accepted_at, seconds)
    case.handle(end)
    case.charge(case.accepted_at + 60, case.product.fee)
    case.complete(end)
    return case.finish(end)


RETURNED = Scenario(
    "return at 90 % then resubmission in 2 d", "临期退件后重新编号", ("WD02", "WD03"), (returned_and_renumbered,),
    (returned_in_time_and_renumbered_later, returned_and_another_item),
)  # fmt: skip
UNCERTIFIED = Scenario(
    "completion without certificate", "无证办结", ("V01",), (without_certificate,),
    (no_certificate_needed, refused, certified),
)  # fmt: skip
IN_FLIGHT = Scenario(
    "item version change in flight", "办理中事项变更", ("T04",), (old_promise_broken,),
    (old_promise_kept, new_promise_kept),
)  # fmt: skip
