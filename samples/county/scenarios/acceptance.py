"""Receipt and acceptance: deemed acceptance, one-time notice, acceptance that is entered late."""

from __future__ import annotations

from samples.county.scenarios.application import Application, accepted, received
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.products import Product
from samples.county.scenarios.scenario import Scenario
from samples.county.scenarios.worktime import DAY, advance, close_after
from samples.county.workdays import later

NOTICE = 5
"""Working days for acceptance or a one-time notice (Administrative Licensing Law art. 32)."""


def _long(product: Product) -> bool:
    return product.promised >= 20


def deemed_and_accepted_late(desk: Desk) -> list[Dossier]:
    """Nothing is said for five working days; a late acceptance changes nothing, the clocks run from the receipt."""
    case = received(desk, desk.product(_long))
    case.accept(later(case.received_at, desk.rng.randint(6, 7)))
    case.dossier.owe("T02", close_after(case.received_at, NOTICE) + 1)
    return [_handled(case, case.received_at, 0.45)]


def deemed_and_never_accepted(desk: Desk) -> list[Dossier]:
    """The papers are refused only after the limit: they were accepted by law already."""
    case = received(desk, desk.product(_long))
    at = later(case.received_at, desk.rng.randint(6, 8))
    case.note(at, "refused_accept", case.clerk, reason="不属于本机关职权范围", remedy="是", competent="上级机关")
    case.dossier.owe("T02", close_after(case.received_at, NOTICE) + 1)
    return [case.finish(at, deemed_at=case.received_at)]


def accepted_on_the_fifth_day(desk: Desk) -> list[Dossier]:
    """Accepted in the last second of the fifth working day."""
    case = received(desk, desk.product(_long))
    case.accept(close_after(case.received_at, NOTICE) - desk.rng.choice((0, 1)))
    case.lawful(0.3)
    return [case.finish(_end(case))]


def received_on_a_day_off(desk: Desk) -> list[Dossier]:
    """Handed in on a day off: the first working day after it is the first that counts."""
    day_off = desk.day_off()
    case = received(desk, desk.product(_long), day_off)
    case.accept(later(day_off, NOTICE))
    case.lawful(0.3)
    return [case.finish(_end(case))]


def notified_on_the_fifth_day(desk: Desk) -> list[Dossier]:
    """One notice with everything on the last lawful day; accepted when the papers came."""
    case = received(desk, desk.product(_long), None)
    case.correct(later(case.received_at, NOTICE), "photo,licence")
    brought = later(case.received_at, NOTICE + desk.rng.randint(1, 9))
    case.corrected(brought, "photo,licence")
    case.accept(brought + 900)
    case.lawful(0.3)
    return [case.finish(_end(case))]


def refused_on_the_fifth_day(desk: Desk) -> list[Dossier]:
    """Refused in time, with reasons, remedies and the competent body."""
    case = received(desk, desk.product())
    at = later(case.received_at, NOTICE)
    case.note(at, "refused_accept", case.clerk, reason="不属于本机关职权范围", remedy="是", competent="市级机关")
    return [case.finish(at)]


def second_notice(desk: Desk) -> list[Dossier]:
    """A second notice names what the first did not, within its days: not everything was told at once."""
    case, brought = _notified(desk)
    second = later(brought, desk.rng.randint(0, 4)) + 60
    case.correct(second, "licence")
    case.dossier.owe("N02", second)
    return [_accepted_after(case, second)]


def late_second_notice(desk: Desk) -> list[Dossier]:
    """The second notice comes after the five days, too: the application was deemed accepted meanwhile."""
    case, brought = _notified(desk)
    second = later(brought, desk.rng.randint(6, 7))
    case.correct(second, "licence")
    case.dossier.owe("N02", second)
    case.dossier.owe("T02L", second)
    case.dossier.owe("T02", close_after(brought, NOTICE) + 1)
    return [_accepted_after(case, second, deemed_at=brought)]


def same_notice_again(desk: Desk) -> list[Dossier]:
    """A second notice repeats what the first listed and did not come."""
    case = received(desk, desk.product(_long), None)
    first = later(case.received_at, desk.rng.randint(1, 4))
    case.correct(first, "photo,licence")
    brought = later(first, desk.rng.randint(1, 5))
    case.corrected(brought, "photo")
    second = later(brought, NOTICE if desk.rng.random() < 0.3 else desk.rng.randint(1, 4))
    case.correct(second, "licence")
    return [_accepted_after(case, second)]


def entered_days_later(desk: Desk) -> list[Dossier]:
    """The acceptance is written into the system working days after the day that it bears."""
    case = accepted(desk, desk.product(_long))
    written = later(case.accepted_at, desk.rng.randint(2, 5))
    case.dossier.acts[-1] = case.dossier.acts[-1]._replace(written_at=written)
    case.dossier.owe("P04", case.accepted_at)
    case.lawful(0.4)
    return [case.finish(_end(case))]


def entered_on_the_next_day(desk: Desk) -> list[Dossier]:
    """Entered on the next working day, also over a holiday, up to its last second."""
    case = accepted(desk, desk.product(_long))
    last = desk.rng.random() < 0.5
    written = close_after(case.accepted_at, 1) - 1 if last else later(case.accepted_at, 1)
    case.dossier.acts[-1] = case.dossier.acts[-1]._replace(written_at=written)
    case.lawful(0.4)
    return [case.finish(_end(case))]


def _notified(desk: Desk) -> tuple[Application, int]:
    case = received(desk, desk.product(_long))
    first = later(case.received_at, desk.rng.randint(0, 4)) + 30
    case.correct(first, "photo")
    brought = later(first, desk.rng.randint(1, 5))
    case.corrected(brought, "photo")
    return case, brought


def _accepted_after(case: Application, notice: int, deemed_at: int = 0) -> Dossier:
    brought = later(notice, 1)
    case.corrected(brought, "licence")
    case.accept(brought + 1_200)
    if deemed_at:
        return _handled(case, deemed_at, 0.49)
    case.lawful(0.3)
    return case.finish(_end(case))


def _handled(case: Application, begin: int, share: float) -> Dossier:
    """Handle a case whose clocks run from ``begin``, in a share of its promise."""
    end = max(advance(begin, int(share * case.product.promised * DAY)), advance(case.accepted_at, DAY // 2))
    case.handle(end)
    case.complete(end)
    return case.finish(end, deemed_at=begin)


def _end(case: Application) -> int:
    return next(act.at for act in case.dossier.acts if act.what == "completed")


DEEMED = Scenario(
    "deemed acceptance", "视为受理", ("T02",), (deemed_and_accepted_late, deemed_and_never_accepted),
    (accepted_on_the_fifth_day, received_on_a_day_off, notified_on_the_fifth_day, refused_on_the_fifth_day),
)  # fmt: skip
SECOND_NOTICE = Scenario(
    "late second notice", "二次补正告知", ("N02",), (late_second_notice, second_notice),
    (same_notice_again, notified_on_the_fifth_day, same_notice_again),
)  # fmt: skip
BACK_DATED = Scenario(
    "back-dated acceptance", "倒填受理时间", ("P04",), (entered_days_later,), (entered_on_the_next_day,)
)  # fmt: skip
