"""Stopped and lengthened clocks: who approved it, when it began, how often."""

from __future__ import annotations

from samples.county.scenarios.application import Application, accepted
from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier, Owed
from samples.county.scenarios.products import Product
from samples.county.scenarios.scenario import Scenario
from samples.county.scenarios.worktime import DAY, advance, close_after
from samples.county.workdays import later

REASONS = ("检测", "鉴定", "专家评审", "现场勘验", "听证")


def _long(product: Product) -> bool:
    return product.promised >= 20


def _same_limits(product: Product) -> bool:
    return product.promised == 20


def without_approver(desk: Desk) -> list[Dossier]:
    """Nobody approved the suspension: it stops no clock."""
    case, begin = _running(desk, 0.1)
    case.suspend(begin, later(begin, 2), 5, reason=desk.rng.choice(REASONS), approver="")
    case.dossier.owe("S02", begin)
    return [_closed(case, 0.45)]


def approved(desk: Desk) -> list[Dossier]:
    """The same suspension with its approver."""
    case, begin = _running(desk, desk.rng.uniform(0.05, 0.3))
    case.suspend(begin, later(begin, desk.rng.randint(1, 3)), 5, reason=desk.rng.choice(REASONS))
    return [_closed(case, 0.45)]


def late(desk: Desk) -> list[Dossier]:
    """Stopped when 95 % of the promise are used."""
    case, begin = _running(desk, 0.95)
    case.suspend(begin, later(begin, 2), 5, reason=desk.rng.choice(REASONS))
    case.dossier.owe("S05", begin)
    return [_closed(case, 0.97)]


def just_before_four_fifths(desk: Desk) -> list[Dossier]:
    """Stopped a second before four fifths are used."""
    case, begin = _running(desk, 0.8, seconds=-1)
    case.suspend(begin, later(begin, 2), 5, reason=desk.rng.choice(REASONS))
    return [_closed(case, desk.rng.choice((0.85, 0.95)))]


def overlapping(desk: Desk) -> list[Dossier]:
    """A second suspension begins while the first lasts."""
    case, begin = _running(desk, 0.1)
    end = later(begin, 3)
    second = end - desk.rng.choice((1, 3_600, 86_000))
    case.suspend(begin, end, 10, reason="检测")
    case.suspend(second, later(second, 2), 10, reason="鉴定")
    case.dossier.owe("S06", second)
    return [_closed(case, 0.4)]


def one_after_the_other(desk: Desk) -> list[Dossier]:
    """Two suspensions, the second from the very second in which the first ends, or later."""
    case, begin = _running(desk, 0.1)
    end = later(begin, 3)
    second = end + desk.rng.choice((0, 1, 3_600))
    case.suspend(begin, end, 10, reason="检测")
    case.suspend(second, later(second, 2), 10, reason="鉴定")
    return [_closed(case, 0.4)]


def extended_after_expiry(desk: Desk) -> list[Dossier]:
    """Extended when the statutory limit had expired: the light stays as it is."""
    case = accepted(desk, desk.product(lambda product: product.statutory == 20))
    due = close_after(case.accepted_at, 20)
    at = due + 1 if desk.rng.random() < 0.3 else later(later(case.accepted_at, 20), desk.rng.randint(1, 3))
    end = max(later(case.accepted_at, 24), later(at, 1))
    case.handle(end)
    case.extend(at)
    case.complete(end)
    case.dossier.owe("S08", at)
    return [case.finish(end)]


def extended_in_time(desk: Desk) -> list[Dossier]:
    """Extended before or in the very second in which the promise ends: ten more working days."""
    case = accepted(desk, desk.product(_same_limits))
    at = advance(case.accepted_at, 20 * DAY) - desk.rng.choice((0, 1, 3_600))
    case.extend(at)
    end = advance(case.accepted_at, desk.rng.choice((21, 22, 23)) * DAY)
    case.handle(end)
    case.complete(end)
    case.dossier.owed += [
        Owed(code, advance(case.accepted_at, days * DAY)) for code, days in (("T03A", 16), ("T03", 18))
    ]
    return [case.finish(end, limits=False)]


def _running(desk: Desk, share: float, seconds: int = 0) -> tuple[Application, int]:
    """Return a case and the instant at which that share of its promise is used."""
    case = accepted(desk, desk.product(_long))
    return case, advance(case.accepted_at, round(share * case.product.promised * DAY) + seconds)


def _closed(case: Application, share: float) -> Dossier:
    end = advance(case.accepted_at, int(share * case.product.promised * DAY), case.pauses)
    case.handle(end)
    case.complete(end)
    return case.finish(end)


UNAPPROVED = Scenario("suspension without approver", "无批准人的特别程序", ("S02",), (without_approver,), (approved,))
NEAR_LIMIT = Scenario("suspension at 95 % used", "临期启动特别程序", ("S05",), (late,), (just_before_four_fifths,))
OVERLAPPING = Scenario("overlapping suspensions", "特别程序重叠", ("S06",), (overlapping,), (one_after_the_other,))
EXTENDED = Scenario("extension after expiry", "逾期后延期", ("S08",), (extended_after_expiry,), (extended_in_time,))
