"""Who may do what: one table from role to acts, scopes by region and unit, and one question with a sentence as answer.

Everything that the table does not grant is refused. Nothing here reads a clock, a request or a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.access.acts import FACTS, Act, act_label
from rules.problems import Language

EVERY: Final = "*"
"""In a scope: all units, or all regions."""


class Role(StrEnum):
    """What an account is for; an account may hold several that do not clash."""

    INSPECTOR = "inspector"
    CHIEF_INSPECTOR = "chief_inspector"
    ADMINISTRATOR = "administrator"
    UNIT_USER = "unit_user"
    LEADER = "leader"
    AUDITOR = "auditor"
    SERVICE = "service"


ROLE_LABELS: Final[Mapping[Role, tuple[str, str]]] = {
    Role.INSPECTOR: ("监察员", "inspector"),
    Role.CHIEF_INSPECTOR: ("监察负责人", "chief inspector"),
    Role.ADMINISTRATOR: ("系统管理员", "administrator"),
    Role.UNIT_USER: ("单位用户", "unit user"),
    Role.LEADER: ("领导", "leader"),
    Role.AUDITOR: ("审计员", "auditor"),
    Role.SERVICE: ("接口服务", "service"),
}

SUPERVISORS: Final = frozenset({Role.INSPECTOR, Role.CHIEF_INSPECTOR})
"""Those who judge cases and cards, and so may not touch the facts that they judge by."""

_SEES: Final = frozenset({Act.VIEW_BOARD, Act.VIEW_UNIT, Act.VIEW_SCREEN, Act.VIEW_REPORTS, Act.OWN_ACCOUNT})
_FOLLOWS: Final = _SEES | {
    Act.VIEW_CASE, Act.VIEW_CARDS, Act.VIEW_CARD, Act.VIEW_WILL_BREACH, Act.SEARCH, Act.SAVE_VIEW, Act.EXPORT,
    Act.VIEW_DOCUMENT, Act.VIEW_RULES, Act.VIEW_CALENDAR, Act.VIEW_ITEMS, Act.READ_PERSONAL_DATA,
}  # fmt: skip
_INSPECTS: Final = _FOLLOWS | {
    Act.VIEW_OFFICER, Act.VIEW_SOURCES, Act.VIEW_ROUTES, Act.VIEW_DIRECTORY, Act.VIEW_DELIVERIES, Act.ISSUE_CARD,
    Act.CONFIRM_CARD, Act.DECIDE_APPEAL, Act.RETURN_CARD, Act.ESCALATE_CARD, Act.VERIFY_CARD, Act.CLOSE_CARD,
    Act.REOPEN_CARD, Act.RECORD_CONSEQUENCE, Act.ASSIGN_CARD, Act.URGE_CARD, Act.BULK, Act.MAKE_DOCUMENT, Act.ATTACH,
}  # fmt: skip

GRANTS: Final[Mapping[Role, frozenset[Act]]] = {
    Role.INSPECTOR: _INSPECTS,
    Role.CHIEF_INSPECTOR: _INSPECTS | {Act.REVOKE_CARD, Act.APPROVE_LAW},
    Role.ADMINISTRATOR: frozenset(
        {
            Act.VIEW_BOARD, Act.OWN_ACCOUNT, Act.VIEW_RULES, Act.EDIT_RULE, Act.PROPOSE_LAW, Act.APPROVE_LAW,
            Act.VIEW_CALENDAR, Act.EDIT_CALENDAR, Act.VIEW_ITEMS, Act.EDIT_ITEMS, Act.VIEW_SOURCES,
            Act.VIEW_QUARANTINE, Act.MEND_QUARANTINE, Act.VIEW_ROUTES, Act.EDIT_ROUTES, Act.VIEW_DIRECTORY,
            Act.EDIT_DIRECTORY, Act.VIEW_DELIVERIES, Act.MANAGE_ACCOUNTS, Act.VIEW_METRICS,
        }
    ),
    Role.UNIT_USER: _FOLLOWS
    | {Act.SIGN_CARD, Act.EXPLAIN_CARD, Act.APPEAL_CARD, Act.RECTIFY_CARD, Act.ATTACH, Act.BULK},
    Role.LEADER: _SEES | {Act.VIEW_CARDS},
    Role.AUDITOR: _SEES
    | {
        Act.VIEW_AUDIT, Act.VIEW_CASE, Act.VIEW_CARDS, Act.VIEW_CARD, Act.VIEW_RULES, Act.VIEW_ROUTES,
        Act.VIEW_DIRECTORY, Act.VIEW_DELIVERIES, Act.VIEW_DOCUMENT, Act.VIEW_SOURCES, Act.READ_PERSONAL_DATA,
    },
    Role.SERVICE: frozenset(
        {Act.VIEW_BOARD, Act.VIEW_CASE, Act.VIEW_CARDS, Act.VIEW_CARD, Act.VIEW_METRICS, Act.OWN_ACCOUNT}
    ),
}  # fmt: skip
"""The whole table. A service may in addition be held to fewer acts by its token, never to more."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The regions and units that an account sees; empty is none, ``*`` is all; either suffices."""

    regions: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()

    def holds(self, unit: str, region: str = "") -> bool:
        """Say whether a unit lies in the scope; what bears no unit lies only in a scope of everything."""
        return self.everything or bool(unit and unit in self.units) or bool(region and region in self.regions)

    @property
    def everything(self) -> bool:
        """Say whether nothing lies outside."""
        return EVERY in self.units or EVERY in self.regions

    def covered(self, regions: Mapping[str, str]) -> frozenset[str] | None:
        """Return the units of the scope, None for all; ``regions`` gives the region of each unit."""
        if self.everything:
            return None
        return self.units | {unit for unit, region in regions.items() if region and region in self.regions}


EVERYTHING: Final = Scope(units=frozenset({EVERY}))


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks. ``via`` is ``session`` or ``token``; ``only`` holds a token to some acts, None to all of its roles."""

    account: str
    name: str
    roles: frozenset[Role]
    scope: Scope
    via: str
    only: frozenset[Act] | None = None

    @property
    def acts(self) -> frozenset[Act]:
        """Everything that this caller may ask for somewhere."""
        granted = granted_to(self.roles)
        return granted if self.only is None else granted & self.only


@dataclass(frozen=True, slots=True)
class Target:
    """What an act is about: the unit (and its region) that the scope is held against, and its name in the audit."""

    unit: str = ""
    region: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an act is allowed, and if not, why, as a sentence in both languages."""

    allowed: bool
    zh: str = ""
    en: str = ""

    def __bool__(self) -> bool:
        """Say whether the act is allowed."""
        return self.allowed

    def why(self, language: Language) -> str:
        """Return the refusal."""
        return self.zh if language == "zh" else self.en


YES: Final = Verdict(True)


def granted_to(roles: Iterable[Role]) -> frozenset[Act]:
    """Return what the roles grant together; whoever supervises cannot edit facts, whatever else they are."""
    held = frozenset(roles)
    granted = frozenset().union(*(GRANTS[role] for role in held)) if held else frozenset()
    return granted - FACTS if held & SUPERVISORS else granted


def allowed(who: Who | None, act: Act, target: Target | None = None) -> Verdict:
    """Say whether ``who`` may do ``act``, for a ``target`` that bears a unit also whether it lies in their scope."""
    if who is None:
        return Verdict(False, "请先登录。", "Sign in first.")
    zh, en = act_label(act, "zh"), act_label(act, "en")
    if act not in granted_to(who.roles):
        return Verdict(
            False, f"您的角色（{_roles(who, 'zh')}）无权{zh}。", f"Your role ({_roles(who, 'en')}) may not {en}."
        )
    if act not in who.acts:
        return Verdict(False, f"此令牌无权{zh}。", f"This token may not {en}.")
    if target is not None and not who.scope.holds(target.unit, target.region):
        return Verdict(False, f"不在您的范围内，无权{zh}。", f"This lies outside your scope; you may not {en} here.")
    return YES


def clashing(roles: Iterable[Role]) -> tuple[tuple[Role, Role], ...]:
    """Return the pairs of roles that one account must not hold together."""
    held = frozenset(roles)
    return tuple((one, other) for one, other in CLASHES if one in held and other in held)


CLASHES: Final = (
    (Role.ADMINISTRATOR, Role.INSPECTOR),
    (Role.ADMINISTRATOR, Role.CHIEF_INSPECTOR),
    (Role.ADMINISTRATOR, Role.AUDITOR),
    (Role.UNIT_USER, Role.INSPECTOR),
    (Role.UNIT_USER, Role.CHIEF_INSPECTOR),
)
"""Who keeps the facts does not judge by them and does not audit; who is supervised does not supervise."""


def role_label(role: Role, language: Language) -> str:
    """Return how a role is called."""
    zh, en = ROLE_LABELS[role]
    return zh if language == "zh" else en


def _roles(who: Who, language: Language) -> str:
    named = [role_label(role, language) for role in Role if role in who.roles]
    return ("、" if language == "zh" else ", ").join(named) or ("无" if language == "zh" else "none")
