"""The product's engine: a child process that may crash, hang or drop facts without taking anything else along.

A batch that is lost is halved until the fact that breaks the engine stands alone; it is named with the rule and the way
it broke, and everything else is judged. One lock: callers take turns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from types import TracebackType
from typing import Final, Self

import msgspec

from rules.engine.base import Outcome
from rules.engine.batches import Rows
from rules.engine.memo import Memo, Truths
from rules.engine.messages import KEPT, Answer, Ask
from rules.engine.process import COMMAND, Died, EngineUnusable, Process
from rules.engine.search import Search
from rules.facts import Value
from rules.language.program import Program
from rules.language.projection import Fact
from rules.plan import Plan

BATCH: Final = 500
MEMO: Final = 50_000
STARTS: Final = 6
"""Children that may fail to come up, or to load a program, before the engine is unusable; the pause doubles."""

_EMPTY: Final[Truths] = (frozenset(), frozenset())


class ChildEngine:
    """Judges facts in a child process; starts it at the first call, and again after a crash."""

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        memo: int = MEMO,
        batch_size: int = BATCH,
        command: Sequence[str] = COMMAND,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._timeout, self._batch_size, self._command, self._pause = timeout, batch_size, command, pause
        self._memo = Memo(memo)
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._loaded: list[str] = []
        self._rows: tuple[Program, object, Rows, bytes] | None = None
        self.restarts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; a later call starts another."""
        with self._lock:
            self._drop()

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is no child."""
        return self._process.pid if self._process is not None else None

    def evaluate(
        self, program: Program, facts: Sequence[Fact], registers: Mapping[str, Sequence[Mapping[str, Value]]]
    ) -> Outcome:
        """Return the outcome for each fact; a fact that breaks the engine is lost with its reason.

        Raises ``EngineUnusable`` if no child comes up or the program itself breaks it. ``registers`` must not change
        while the same object is passed again.
        """
        with self._lock:
            rows, scope = self._rows_of(program, registers)
            keys = self._memo.keys(scope, list(facts))
            known: dict[bytes, Truths] = {}
            fresh: dict[bytes, Fact] = {}
            for key, fact in zip(keys, facts, strict=True):
                if key not in known and key not in fresh:
                    found = self._memo.get(key)
                    if found is None:
                        fresh[key] = fact
                    else:
                        known[key] = found
            lost = self._judge_all(program, rows, fresh, known)
        truths = [known.get(key, _EMPTY) for key in keys]
        reasons = {index: lost[key] for index, key in enumerate(keys) if key in lost}
        return Outcome(tuple(t for t, _ in truths), tuple(u for _, u in truths), reasons)

    def _rows_of(self, program: Program, registers: Mapping[str, Sequence[Mapping[str, Value]]]) -> tuple[Rows, bytes]:
        if self._rows is None or self._rows[0] is not program or self._rows[1] is not registers:
            rows = Rows(program, registers)
            scope = blake2b(rows.digest(), digest_size=32, key=program.version.encode()).digest()
            self._rows = (program, registers, rows, scope)
        return self._rows[2], self._rows[3]

    def _judge_all(
        self, program: Program, rows: Rows, fresh: Mapping[bytes, Fact], known: dict[bytes, Truths]
    ) -> dict[bytes, str]:
        """Judge the facts that are not remembered into ``known``; return the reasons of those that are lost."""
        search = Search(self._ask_of, program, rows, self._timeout)
        keys = list(fresh)
        for begin in range(0, len(keys), self._batch_size):
            part = keys[begin : begin + self._batch_size]
            for key, truths in zip(part, search.judge([fresh[key] for key in part]), strict=True):
                if isinstance(truths, str):
                    search.lost[key] = truths
                else:
                    known[key] = truths
                    self._memo.put(key, truths)
        return search.lost

    def _ask_of(self, plan: Plan, question: Ask, seconds: float) -> Answer:
        """Return the child's answer; raise ``Died`` if it gave none. The plan is loaded first if it is not yet."""
        if plan.version not in self._loaded or self._process is None:
            self._load(plan)
        answer = self._ask(question, seconds)
        self._loaded.remove(plan.version)
        if not answer.failure:
            self._loaded.append(plan.version)  # the child, too, keeps the programs that were used last
        return answer

    def _load(self, plan: Plan) -> None:
        """Load a program. A child that dies meanwhile may have been killed from outside: others are tried, with pauses."""
        for attempt in range(STARTS):
            if attempt > 1:  # the first death may be of a child that was killed while it had nothing to do
                self._pause(0.1 * 2**attempt)
            self._process = self._process or self._start()
            self._loaded = [version for version in self._loaded if version != plan.version][1 - KEPT :]
            try:
                answer = self._ask(Ask(plan.version, {}, {}, {}, {}, {}, plan), self._timeout)
            except Died as died:
                said = str(died)
                continue
            if answer.failure:
                raise EngineUnusable(f"the rule engine refuses program {plan.version}: {answer.failure}")
            self._loaded.append(plan.version)
            return
        raise EngineUnusable(
            f"{STARTS} processes of the rule engine ended ({said}) while loading program {plan.version}"
        )

    def _ask(self, question: Ask, seconds: float) -> Answer:
        process = self._process or self._start()
        try:
            return msgspec.json.decode(process.ask(msgspec.json.encode(question), seconds), type=Answer)
        except Died:
            self._drop()
            self.restarts += 1
            raise

    def _start(self) -> Process:
        for attempt in range(STARTS):
            if attempt:
                self._pause(0.1 * 2**attempt)
            try:
                return Process(self._command, self._timeout)
            except (Died, OSError) as error:
                said = str(error)
        raise EngineUnusable(f"the rule engine's process does not come up: {said}")

    def _drop(self) -> None:
        if self._process is not None:
            self._process.close()
        self._process, self._loaded = None, []
