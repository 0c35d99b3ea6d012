"""A lawful application, step by step: what a scenario does not say goes as the law wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from samples.county.scenarios.desk import Desk
from samples.county.scenarios.dossier import Dossier
from samples.county.scenarios.limits import near_and_over, step_near_and_over, suspension_near_and_over
from samples.county.scenarios.products import STEPS, Product
from samples.county.scenarios.worktime import DAY, Pause, advance, worked
from samples.county.workdays import date_of


@dataclass
class Application:
    """One application while it is made up. Instants that are not given follow from those that are."""

    desk: Desk
    product: Product
    received_at: int
    materials: str = "form,plan,deed"
    dossier: Dossier = field(init=False)
    accepted_at: int = 0
    pauses: list[Pause] = field(default_factory=list)
    steps: list[tuple[str, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open the dossier with the receipt of the materials."""
        self.product = self.product.at(date_of(self.received_at))
        unit = self.product.unit
        self.dossier = Dossier("applications", f"SP{self.desk.number()}", unit, self.product.code)
        self.clerk, self.handler, self.reviewer, self.head = self.desk.officers(unit, 4)
        self.applicant = f"U{self.desk.rng.randrange(10**6, 10**7)}"
        self.note(self.received_at, "received", self.clerk, materials=self.materials, applicant=self.applicant)

    def note(self, at: int, what: str, officer: str, **said: str | int) -> None:
        """Write down one act of an officer."""
        self.dossier.note(at, what, officer=officer, **said)

    def accept(self, at: int) -> None:
        """Accept the application, with its voucher."""
        self.accepted_at = at
        self.note(at, "accepted", self.clerk, document=f"受理{self.desk.number()}")

    def correct(self, at: int, materials: str) -> None:
        """Tell the applicant what is missing."""
        self.note(at, "correction_notified", self.clerk, materials=materials)

    def corrected(self, at: int, materials: str) -> None:
        """Take in what was missing."""
        self.note(at, "correction_received", self.clerk, materials=materials)

    def suspend(self, begin: int, end: int, approved: int, *, reason: str = "检测", approver: str = "*") -> None:
        """Stop the clock for a reason of the law, approved by a section head unless it is said otherwise."""
        approver, number = self.head if approver == "*" else approver, self.desk.number()
        said = {"reason": reason, "approver": approver, "rank": "section_head" if approver else ""}
        self.note(
            begin,
            "suspension_started",
            self.handler,
            approved=f"{approved} workdays",
            told="是",
            procedure=number,
            **said,
        )
        self.note(end, "suspension_ended", self.handler, procedure=number)
        if approver:
            self.pauses.append((begin, end))
        self.dossier.owed += suspension_near_and_over(begin, end, approved)

    def extend(self, at: int, days: int = 10) -> None:
        """Extend the limit as article 42 allows: by the head of the agency, the applicant told."""
        said = {"days": f"{days} workdays", "rank": "agency_head", "told": "是", "reason": "案情复杂"}
        self.note(at, "extended", self.handler, approver=self.head, **said)

    def charge(self, at: int, fen: int, **said: str | int) -> None:
        """Take money at the unified window, with a receipt."""
        self.note(at, "fee_charged", self.clerk, **{"amount": fen, "receipt": f"票{self.desk.number()}", **said})

    def step(self, name: str, begin: int, end: int) -> None:
        """Enter and finish a step of the procedure."""
        officer = {"check": self.handler, "review": self.reviewer, "approve": self.head}.get(name, self.handler)
        self.note(begin, "step_started", officer, step=name)
        self.note(end, "step_finished", officer, step=name, opinion="同意")
        self.steps.append((name, begin, end))

    def handle(self, end: int, names: Sequence[str] = STEPS, begin: int = 0) -> None:
        """Lay the steps of the procedure between acceptance and ``end``, each well inside its limit."""
        begin = begin or self.accepted_at
        span = worked(begin, end, self.pauses)
        places = {"check": (0.02, 0.1), "review": (0.2, 0.7), "visit": (0.72, 0.74), "approve": (0.8, 0.98)}
        for name in names:
            first, last = (int(span * share) for share in places[name])
            if name in STEPS:
                last = min(last, first + int(0.8 * DAY * self.product.step_limit(name)))
            self.step(name, advance(begin, first, self.pauses), advance(begin, last, self.pauses))

    def complete(self, at: int, *, granted: bool = True, certificate: str = "*", deliver: bool = True) -> None:
        """Decide: grant with the certificate that is due, or refuse with reasons and remedies."""
        if granted:
            number = f"证{self.desk.number()}" if certificate == "*" else certificate
            self.note(at, "completed", self.head, result="准予", approver=self.head, certificate=number)
            if number or not self.product.certificate:
                self.note(at + 300, "certificate_issued", self.clerk, certificate=number or "电子")
            if deliver:
                self.note(advance(at, self.desk.rng.randint(1, 8) * DAY), "delivered", self.clerk)
        else:
            said = {"reason": "不符合法定条件", "remedy": "是"}
            self.note(at, "completed", self.head, result="不予", approver=self.head, **said)

    def finish(
        self, at: int, promised: int = 0, deemed_at: int = 0, *, limits: bool = True, steps: bool = True
    ) -> Dossier:
        """Return the dossier with the reminders and overruns that its clocks owe up to its end at ``at``."""
        begin = deemed_at or self.accepted_at
        if limits and begin:
            statutory = self.product.statutory
            self.dossier.owed += near_and_over(begin, at, promised or self.product.promised, statutory, self.pauses)
        for name, begun, ended in self.steps if steps else ():
            if name in STEPS:
                self.dossier.owed += step_near_and_over(begun, ended, self.product.step_limit(name), self.pauses)
        return self.dossier

    def lawful(self, share: float, names: Sequence[str] = STEPS) -> int:
        """Handle it in a share of the promise, charge the tariff, grant it; return the instant of the decision."""
        end = advance(self.accepted_at, int(share * self.product.promised * DAY), self.pauses)
        self.handle(end, names)
        if self.product.fee:
            self.charge(self.accepted_at + 240, self.product.fee)
        self.complete(end)
        return end


def received(desk: Desk, product: Product, at: int | None = None) -> Application:
    """Return an application whose materials came in at ``at``, else on some working day."""
    return Application(desk, product, at if at is not None else desk.moment())


def accepted(desk: Desk, product: Product, at: int | None = None) -> Application:
    """Return an application that was received and accepted within the hour, accepted at ``at`` if that is given."""
    at = at if at is not None else desk.moment()
    opened = Application(desk, product, at - desk.rng.randint(120, 1_500))
    opened.product = product.at(date_of(at))
    opened.accept(at)
    return opened
