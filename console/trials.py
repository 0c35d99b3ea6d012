"""Back-tests that run while people go on: one at a time in a thread, with progress, to be looked at and cancelled.

They live in memory only: a restart forgets them, and nothing is lost but the wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Final

from console.workshop import BackTest
from rules.problems import Problem, UserError, refuse

KEPT: Final = 20
"""Back-tests that are remembered; the oldest is forgotten first."""


@dataclass(slots=True)
class Trial:
    """One back-test of a text: who asked, how far it is, and what came of it (or the problems that kept it)."""

    number: int
    book: str
    text: str
    who: str
    done: int = 0
    asked: int = 0
    running: bool = True
    cancelled: bool = False
    found: BackTest | None = None
    problems: tuple[Problem, ...] = ()


Judge = Callable[[str, str, Callable[[int, int], bool]], BackTest | None]


@dataclass(slots=True)
class Trials:
    """The back-tests of this process."""

    known: dict[int, Trial] = field(default_factory=dict)
    last: int = 0
    lock: Lock = field(default_factory=Lock)

    def begin(self, judge: Judge, book: str, text: str, who: str) -> Trial:
        """Begin a back-test in the background; raise ``UserError`` while another one runs."""
        with self.lock:
            running = next((each for each in self.known.values() if each.running), None)
            if running is not None:
                raise refuse(
                    "trial/running", book, f"Back-test number {running.number} still runs.", f"第 {running.number} 号试算仍在进行。",
                    mend_en="Wait until it is finished, or cancel it.", mend_zh="请等待其完成，或将其取消。",
                )  # fmt: skip
            self.last += 1
            trial = self.known[self.last] = Trial(self.last, book, text, who)
            for number in sorted(self.known)[:-KEPT]:
                del self.known[number]
        Thread(target=_run, args=(judge, trial), name="back-test", daemon=True).start()
        return trial

    def find(self, number: int) -> Trial | None:
        """Return a back-test, None if it was forgotten."""
        return self.known.get(number)


def _run(judge: Judge, trial: Trial) -> None:
    def going(done: int, asked: int) -> bool:
        trial.done, trial.asked = done, asked
        return not trial.cancelled

    try:
        trial.found = judge(trial.text, trial.who, going)
    except UserError as error:
        trial.problems = error.problems
    except Exception:  # whatever it is, the page must not wait for ever
        trial.problems = refuse(
            "trial/failed", trial.book, "The back-test failed; the log has the report.", "试算失败，详见日志。"
        ).problems
        raise
    finally:
        trial.running = False
