"""What happens to applications in the county: one function per scenario, breaches beside cases just inside the law.

Histories are laid out so that every counting in use (rolling, or to the close of the day) agrees on the answer at the
instants that the truth names. ``D`` in comments is the day of acceptance, ``P`` the promise, ``wd`` working days.
"""

from __future__ import annotations

from samples.county.departments import Item, system_of
from samples.county.story import Happening, Stage, Story, owes
from samples.county.truth import Truth
from samples.county.workdays import close_of, later

HOUR = 3_600


def is_licence(item: Item) -> bool:
    """Say whether an item takes days and is decided after a review."""
    return item.measure == "workdays" and not item.instant


def is_stepped(item: Item) -> bool:
    """Say whether an item's steps are reported: the exchange database has them, the housing interface has not."""
    return is_licence(item) and system_of(item) == "licensing"


def is_express(item: Item) -> bool:
    """Say whether an item is promised within minutes."""
    return item.measure == "minutes"


def over(rule: str, started_at: int, workdays: int) -> Truth:
    """Return that a limit is passed: by its wall time for some countings, by the close of that day for all."""
    due_at = later(started_at, workdays)
    return owes(rule, due_at + 1, close_of(due_at) + 1)


def application(
    stage: Stage, item: Item, scenario: str, accepted_at: int, done_at: int, *owed: Truth,
    received_at: int | None = None, between: tuple[Happening, ...] = (), review: tuple[int, int] | None = None,
    ends: str = "completed", result: str = "granted",
) -> Story:  # fmt: skip
    """Tell an application from receipt to its end, with review and approval where the item has steps."""
    received_at = accepted_at - stage.rng.randint(300, 1_500) if received_at is None else received_at
    officer = stage.officer(item.unit)
    channel = stage.rng.choice(("window", "web", "mobile"))
    told = [
        Happening(received_at, "received", {"officer": officer, "channel": channel}),
        Happening(accepted_at, "accepted", {"officer": officer}),
        *between,
        Happening(done_at, ends, {"officer": officer, "result": result}),
    ]
    if is_stepped(item):
        begun_at, ended_at = review or (max(accepted_at + 300, later(done_at, -1) + 600), done_at - 1_800)
        told += _step("review", begun_at, ended_at, stage.officer(item.unit))
        told += _step("approve", done_at - 1_200, done_at - 60, stage.officer(item.unit))
    near = () if any(t.rule == "T03" for t in owed) else (owes("T03", _half(item, accepted_at)),)
    return stage.story(system_of(item), item.unit, item.code, told, scenario, *owed, *near)


def _step(step: str, begun_at: int, ended_at: int, officer: str) -> list[Happening]:
    said = {"step": step, "officer": officer}
    return [Happening(begun_at, "step_started", said), Happening(ended_at, "step_finished", said)]


def _half(item: Item, accepted_at: int) -> int:
    """Return when half the promise is used: no profile reminds earlier."""
    return accepted_at + item.promised * 30 if is_express(item) else later(accepted_at, item.promised // 2)


# ── promised and statutory limit ───────────────────────────────────────────────────────────────


def finished_in_time(stage: Stage) -> Story:
    """A licence decided well within its promise."""
    item = stage.item(is_licence)
    accepted_at = stage.office(item.promised + stage.rng.randint(1, 25))
    done_at = later(accepted_at, stage.rng.randint(1, item.promised - 1))
    result = stage.rng.choice(("granted",) * 9 + ("refused",))
    return application(stage, item, "finished_in_time", accepted_at, done_at, result=result)


def running_in_time(stage: Stage) -> Story:
    """A licence that is being handled and will be decided in time."""
    item = stage.item(is_licence)
    accepted_at = stage.office(stage.rng.randint(1, max(1, item.promised // 2)))
    done_at = later(accepted_at, item.promised - 1)
    return application(stage, item, "running_in_time", accepted_at, done_at)


def decided_in_the_last_minute(stage: Stage) -> Story:
    """Look-alike: decided one minute before the earliest counting would call it late."""
    item = stage.item(is_licence)
    accepted_at = stage.office(item.promised + stage.rng.randint(2, 15))
    return application(
        stage, item, "decided_in_the_last_minute", accepted_at, later(accepted_at, item.promised) - 60, owes("T04")
    )


def near_its_promise(stage: Stage) -> Story:
    """Nineteen of twenty days are used; it will be decided just in time."""
    item = stage.item(lambda i: is_licence(i) and i.promised == 20)
    accepted_at = later(stage.office(0), -19)
    due_at = later(accepted_at, 20)
    near = owes("T03", _half(item, accepted_at), close_of(later(accepted_at, 18)) + 1, due_at - 5 * 60)
    return application(stage, item, "near_its_promise", accepted_at, due_at - 5 * 60, near, owes("T04"))


def promise_overdue(stage: Stage) -> Story:
    """Decided, or still being handled, after the promise and within the statutory limit."""
    item = stage.item(lambda i: is_licence(i) and i.statutory >= i.promised + 5)
    late = stage.rng.randint(1, 3)
    accepted_at = stage.office(item.promised + stage.rng.choice((late, stage.rng.randint(4, 20))))
    done_at = later(accepted_at, item.promised + late) + HOUR // 2
    return application(
        stage, item, "promise_overdue", accepted_at, done_at, over("T04", accepted_at, item.promised), owes("T05")
    )


def statutory_overdue(stage: Stage) -> Story:
    """Still unfinished, or finished, after the statutory limit."""
    item = stage.item(lambda i: is_licence(i) and i.statutory <= 20)
    late = stage.rng.randint(2, 5)
    accepted_at = stage.office(item.statutory + stage.rng.choice((1, stage.rng.randint(2, 15))))
    owed = (over("T04", accepted_at, item.promised), over("T05", accepted_at, item.statutory))
    return application(stage, item, "statutory_overdue", accepted_at, later(accepted_at, item.statutory + late), *owed)


def withdrawn(stage: Stage) -> Story:
    """The applicant withdraws before the promise ends."""
    item = stage.item(lambda i: is_licence(i) and i.promised >= 5)
    accepted_at = stage.office(stage.rng.randint(6, 25))
    ends = stage.rng.choice(("withdrawn", "returned"))
    return application(
        stage, item, "withdrawn", accepted_at, later(accepted_at, 2), owes("T04"), ends=ends, result=ends
    )


# ── acceptance, steps, suspension, instant items ───────────────────────────────────────────────


def accepted_too_late(stage: Stage) -> Story:
    """Neither accepted nor answered within five working days of receipt."""
    item = stage.item(lambda i: is_licence(i) and i.promised >= 20)
    received_at = stage.office(stage.rng.randint(6, 12))
    accepted_at = later(received_at, 7)
    return application(
        stage, item, "accepted_too_late", accepted_at, later(accepted_at, 4), over("T02", received_at, 5),
        received_at=received_at,
    )  # fmt: skip


def noticed_on_the_fifth_day(stage: Stage) -> Story:
    """Look-alike: the correction notice goes out on the fifth working day, acceptance follows later."""
    item = stage.item(lambda i: is_stepped(i) and i.promised >= 20)
    received_at = stage.office(stage.rng.randint(10, 20))
    notice = Happening(later(received_at, 5) - 300, "correction_notified", {"officer": stage.officer(item.unit)})
    accepted_at = later(received_at, 8)
    return application(
        stage, item, "noticed_on_the_fifth_day", accepted_at, later(accepted_at, 3), owes("T02"),
        received_at=received_at, between=(notice,),
    )  # fmt: skip


def step_overdue(stage: Stage) -> Story:
    """The review lies too long although the case is still in time."""
    item = stage.item(lambda i: is_stepped(i) and i.promised >= 10)
    accepted_at = stage.office(stage.rng.randint(item.review + 2, 18))
    review = (later(accepted_at, 1), later(accepted_at, item.review + 4))
    return application(
        stage, item, "step_overdue", accepted_at, review[1] + HOUR, over("T06", review[0], item.review), owes("T04"),
        review=review,
    )  # fmt: skip


def step_at_its_limit(stage: Stage) -> Story:
    """Look-alike: the review ends ten minutes before its limit."""
    item = stage.item(lambda i: is_stepped(i) and i.promised >= 7)
    accepted_at = stage.office(stage.rng.randint(6, 18))
    review = (later(accepted_at, 1), later(accepted_at, 1 + item.review) - 600)
    return application(
        stage, item, "step_at_its_limit", accepted_at, review[1] + HOUR, owes("T06"), owes("T04"), review=review
    )


def _suspension(stage: Stage, item: Item, begun_at: int, ended_at: int) -> tuple[Happening, Happening]:
    officer = stage.officer(item.unit)
    said: dict[str, str | int] = {
        "officer": officer, "approver": stage.officer(item.unit), "approved": 5,
        "reason": stage.rng.choice(("expert_review", "site_visit", "testing")),
    }  # fmt: skip
    ended = Happening(ended_at, "suspension_ended", {"officer": officer})
    return Happening(begun_at, "suspension_started", said), ended


def suspended_too_long(stage: Stage) -> Story:
    """A suspension approved for five working days goes on for eight; the promise is still kept."""
    item = stage.item(lambda i: is_stepped(i) and i.promised >= 20)
    accepted_at = stage.office(stage.rng.randint(8, 19))
    begun_at = later(accepted_at, 2)
    held = _suspension(stage, item, begun_at, later(begun_at, 8))
    return application(
        stage, item, "suspended_too_long", accepted_at, later(accepted_at, 12), over("T10", begun_at, 5), owes("T04"),
        between=held,
    )  # fmt: skip


def suspended_within_its_term(stage: Stage) -> Story:
    """Look-alike: longer than its promise by the wall clock, in time once the lawful suspension is taken off."""
    item = stage.item(lambda i: is_stepped(i) and 7 <= i.promised <= 10)
    accepted_at = stage.office(item.promised + stage.rng.randint(3, 12))
    begun_at = later(accepted_at, 2)
    held = _suspension(stage, item, begun_at, later(begun_at, 5) - 600)
    done_at = later(accepted_at, item.promised + 2)
    return application(
        stage, item, "suspended_within_its_term", accepted_at, done_at, owes("T10"), owes("T04"), between=held
    )


def instant_on_the_next_day(stage: Stage) -> Story:
    """An instant item taken in the afternoon and finished the next working morning."""
    item = stage.item(lambda i: i.instant)
    accepted_at = _at_four(stage)
    due_at = close_of(accepted_at)
    return application(
        stage, item, "instant_on_the_next_day", accepted_at, later(accepted_at, 1) - 6 * HOUR,
        owes("T17", due_at + 1, due_at + 1), owes("T04"),
    )  # fmt: skip


def instant_before_closing(stage: Stage) -> Story:
    """Look-alike: an instant item finished on its day, after office hours."""
    item = stage.item(lambda i: i.instant)
    accepted_at = _at_four(stage)
    return application(stage, item, "instant_before_closing", accepted_at, accepted_at + 2 * HOUR, owes("T17"))


def _at_four(stage: Stage) -> int:
    noon = stage.office(stage.rng.randint(1, 18))
    return close_of(noon) - 8 * HOUR + stage.rng.randint(0, 1_800)


# ── items promised within minutes: their lights change while a person watches ──────────────────


def _express(stage: Stage, scenario: str, accepted_at: int, took: int) -> Story:
    item = stage.item(is_express)
    due_at, done_at = accepted_at + item.promised * 60, accepted_at + took
    near = owes("T03", _half(item, accepted_at), accepted_at + item.promised * 54 + 1, min(done_at, due_at))
    if took > item.promised * 60:
        return application(
            stage, item, scenario, accepted_at, done_at, near, owes("T04", due_at + 1, due_at + 1),
            received_at=accepted_at - 60,
        )  # fmt: skip
    return application(
        stage, item, scenario, accepted_at, done_at, owes("T03", _half(item, accepted_at)), owes("T04"),
        received_at=accepted_at - 60,
    )  # fmt: skip


def express_due_soon(stage: Stage) -> Story:
    """Falls due within the next minutes and will be late: the light turns red before one's eyes."""
    return _express(
        stage, "express_due_soon", stage.now - 600 + stage.rng.randint(15, 420), stage.rng.randint(900, 1_700)
    )


def express_saved(stage: Stage) -> Story:
    """Look-alike: falls due within the next minutes and is finished half a minute before."""
    return _express(stage, "express_saved", stage.now - 600 + stage.rng.randint(60, 420), 560)


def express_arrives(stage: Stage) -> Story:
    """A query that comes to the window now and is answered in a few minutes."""
    return _express(stage, "express_arrives", stage.now, stage.rng.randint(60, 400))


def express_dawdles(stage: Stage) -> Story:
    """A query that comes to the window now and is answered too late."""
    return _express(stage, "express_dawdles", stage.now, stage.rng.randint(700, 1_700))
