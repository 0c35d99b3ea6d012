"""The accounts, for administrators: who may sign in, as what, within which scope; locks, links, sessions and tokens.

Nobody changes their own account here, so that no administrator locks themselves out or makes themselves another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.access.acts import Act, act_label
from console.access.callers import address_of, who
from console.access.declared import needs
from console.access.guard import Refused
from console.access.keeper import DAY, Keeper, is_service
from console.access.roles import CLASHES, Role, Verdict, granted_to, role_label
from console.access.signing import account_name, roles_of
from console.desk import Desk, desk_of
from ledger.accounts import Account
from rules.problems import Problem, UserError, refuse

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=4_000)]
Texts = Annotated[list[str], Form(max_length=100)]

DONE: Final = ("granted", "locked", "unlocked", "signed_out", "token_revoked")
_BETWEEN: Final = re.compile(r"[\n\r,，、;；]+")


@router.get("/accounts")
@needs(Act.MANAGE_ACCOUNTS)
def accounts(request: Request) -> Response:
    """Answer with every account and the form for a new one."""
    return _list(request)


@router.post("/accounts")
@needs(Act.MANAGE_ACCOUNTS)
def add(
    request: Request, account: Text = "", name: Text = "", roles: Texts = [], units: Text = "", regions: Text = ""  # noqa: B006  # FastAPI copies it
) -> Response:  # fmt: skip
    """Make an account and show, this once, the link by which its person chooses a password."""
    keeper = _keeper(request)
    try:
        made = keeper.add(account, name, _roles(account, roles), _words(units), _words(regions))
    except UserError as error:
        kept = {"account": account, "name": name, "roles": roles, "units": units, "regions": regions}
        return _list(request, error.problems, kept, 422)
    return _page(request, made, link="" if is_service(made) else keeper.link(made))


@router.get("/accounts/{account}")
@needs(Act.MANAGE_ACCOUNTS)
def account(request: Request) -> Response:
    """Answer with one account: its roles and scope, where it is signed in, its tokens."""
    return _page(request, _known(request))


@router.post("/accounts/{account}/grant")
@needs(Act.MANAGE_ACCOUNTS)
def grant(request: Request, name: Text = "", roles: Texts = [], units: Text = "", regions: Text = "") -> Response:  # noqa: B006  # as above
    """Change what an account is for; it holds from its next request on."""
    found = _another(request)

    def do(keeper: Keeper) -> None:
        keeper.grant(found.account, name, _roles(found.account, roles), _words(units), _words(regions))

    return _done(request, found, do, "granted")


@router.post("/accounts/{account}/lock")
@needs(Act.MANAGE_ACCOUNTS)
def lock(request: Request) -> Response:
    """Let nobody in under this name, and end its sessions."""
    found = _another(request)
    return _done(request, found, lambda keeper: keeper.lock(found.account, True), "locked")


@router.post("/accounts/{account}/unlock")
@needs(Act.MANAGE_ACCOUNTS)
def unlock(request: Request) -> Response:
    """Let the account in again, and forget its failures."""
    found = _another(request)
    return _done(request, found, lambda keeper: keeper.lock(found.account, False), "unlocked")


@router.post("/accounts/{account}/sign-out")
@needs(Act.MANAGE_ACCOUNTS)
def sign_out(request: Request) -> Response:
    """End every session of the account."""
    found = _another(request)
    return _done(request, found, lambda keeper: keeper.sign_out(found.account), "signed_out")


@router.post("/accounts/{account}/reset")
@needs(Act.MANAGE_ACCOUNTS)
def reset(request: Request) -> Response:
    """Take password and second factor away, and show, this once, the link by which a new password is chosen."""
    found = _another(request)
    try:
        return _page(request, found, link=_keeper(request).reset(found.account))
    except UserError as error:
        return _page(request, found, error.problems, status=422)


@router.post("/accounts/{account}/tokens")
@needs(Act.MANAGE_ACCOUNTS)
def new_token(request: Request, label: Text = "", days: Text = "", acts: Texts = []) -> Response:  # noqa: B006  # as above
    """Make a token for a program and show it this once; people make their own."""
    desk, found = desk_of(request), _another(request)
    wanted = [Act(each) for each in acts if each in set(Act)]
    seconds = int(days) * DAY if days.isascii() and days.isdigit() and len(days) < 5 else 0
    try:
        if not is_service(found):
            raise _no_service(found)
        if not label.strip() or not wanted or not DAY <= seconds <= desk.access.token_limit:
            raise refuse(
                "accounts/token", found.account, "Say what it is for, 1 to 365 days, and at least one act.",
                "请填写用途、1 至 365 天，并至少选一项操作。",
            )  # fmt: skip
        whole = _keeper(request).token(found.account, wanted, label.strip(), seconds // DAY)
    except UserError as error:
        return _page(request, found, error.problems, status=422)
    return _page(request, found, token=whole)


@router.post("/accounts/{account}/tokens/{token}/revoke")
@needs(Act.MANAGE_ACCOUNTS)
def revoke(request: Request) -> Response:
    """End a token of the account."""
    found = _another(request)
    return _done(
        request, found, lambda keeper: keeper.revoke(found.account, request.path_params["token"][:40]), "token_revoked"
    )


def _keeper(request: Request) -> Keeper:
    desk = desk_of(request)
    base_url = desk.access.public_url or str(request.base_url).rstrip("/")
    return Keeper(
        desk.ledger, desk.now(), who(request).account, base_url, desk.access.link_seconds, address_of(request)
    )  # fmt: skip


def _known(request: Request) -> Account:
    found = desk_of(request).ledger.accounts.find(account_name(request.path_params["account"]))
    if found is None:
        raise HTTPException(404)
    return found


def _another(request: Request) -> Account:
    """Return the account of the address, which is not the caller's own."""
    found, caller = _known(request), who(request)
    if caller.via != "session":
        raise Refused(Verdict(False, "请在网页上登录后办理。", "Sign in on the pages to do this."))
    if found.account == caller.account:
        raise Refused(
            Verdict(False, "不得在此变更本人账号，请由另一管理员办理。", "Nobody changes their own account here; another administrator does.")
        )  # fmt: skip
    return found


def _done(request: Request, found: Account, do: Callable[[Keeper], None], done: str) -> Response:
    """Do it and lead back to the account, or show what stands against it."""
    try:
        do(_keeper(request))
    except UserError as error:
        return _page(request, found, error.problems, status=422)
    desk = desk_of(request)
    language = desk.asked(request)
    more = "" if language == desk.language else f"&lang={language}"
    return RedirectResponse(f"{request.url.path.rpartition(_tail(request))[0]}?done={done}{more}", 303)


def _tail(request: Request) -> str:
    """Return what the address says behind the account."""
    return "/tokens/" if "token" in request.path_params else f"/{request.url.path.rpartition('/')[2]}"


def _roles(account: str, asked: Sequence[str]) -> list[Role]:
    roles = [Role(each) for each in asked if each in set(Role)]
    if not roles:
        raise refuse("accounts/no-role", account, "Choose at least one role.", "请至少选择一个角色。")
    return roles


def _words(text: str) -> list[str]:
    """Return what stands on lines of its own, or between commas."""
    parts = (" ".join(part.split()) for part in _BETWEEN.split(text))
    return ["".join(letter for letter in part if letter.isprintable())[:200] for part in parts if part]


def _no_service(found: Account) -> UserError:
    return refuse(
        "accounts/token", found.account, "People make their own tokens; here they are made for services only.",
        "个人的令牌由本人新建；此处只为接口服务账号新建。",
    )  # fmt: skip


def _list(
    request: Request, problems: Sequence[Problem] = (), kept: Mapping[str, object] | None = None, status: int = 200
) -> Response:
    desk = desk_of(request)
    language = desk.asked(request)
    return desk.render(
        request, "accounts.html", status, accounts=desk.ledger.accounts.all(), roles_of=_sorted_roles,
        problems=[each.sentence(language) for each in problems],
        kept=kept or {"account": "", "name": "", "roles": [], "units": "", "regions": ""}, **_choices(desk, request),
    )  # fmt: skip


def _page(
    request: Request, found: Account, problems: Sequence[Problem] = (), *, link: str = "", token: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    desk = desk_of(request)
    language, now, done = desk.asked(request), desk.now(), request.query_params.get("done", "")
    mine = desk.ledger.accounts.find(found.account) or found
    return desk.render(
        request, "accountkept.html", status, mine=mine, problems=[each.sentence(language) for each in problems],
        done=f"account_{done}" if done in DONE and not problems else "", link=link, token=token,
        roles=_sorted_roles(mine), own=mine.account == who(request).account, service=is_service(mine),
        sessions=desk.ledger.accounts.sessions.of(mine.account), tokens=desk.ledger.accounts.tokens.of(mine.account),
        works=lambda t: t.revoked_at is None and t.expires_at > now,
        acts=[(act, act_label(act, language)) for act in Act if act in granted_to(roles_of(mine))],
        failures=desk.ledger.accounts.failures(mine.account, now), **_choices(desk, request),
    )  # fmt: skip


def _sorted_roles(account: Account) -> list[Role]:
    return [role for role in Role if role in roles_of(account)]


def _choices(desk: Desk, request: Request) -> dict[str, object]:
    """Return what the form of roles and scope offers."""
    language = desk.asked(request)
    clashes = [(role_label(one, language), role_label(other, language)) for one, other in CLASHES]
    units = sorted({name for kind, name in desk.titles if kind == "unit"})
    return {"every_role": list(Role), "clashes": clashes, "known_units": units}
