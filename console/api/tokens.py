"""The tokens of one's own account. A token makes no tokens, so that a stolen one cannot make itself another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.access.acts import Act
from console.access.callers import address_of, who
from console.access.declared import needs
from console.access.guard import Refused
from console.access.roles import Verdict
from console.api.once import KEYED, SHOWN_ONCE, Once, first_asked
from console.api.paging import PLAIN
from console.api.shapes import At, MaybeAt
from console.desk import Desk, desk_of
from ledger.tokens import Token
from rules.problems import Place, Problem, UserError

router = APIRouter(prefix="/api/v1/me/tokens", tags=["account"], route_class=Once)

DAY = 86_400


class TokenShape(BaseModel):
    """令牌 · What is known of a token; ``token`` is its prefix."""

    token: str
    label: str
    acts: list[str]
    created_at: At
    expires_at: At
    used_at: MaybeAt
    revoked_at: MaybeAt


class TokenList(BaseModel):
    """本人的令牌 · The caller's tokens, the latest first."""

    tokens: list[TokenShape]


class NewToken(BaseModel):
    """新建令牌 · What it is for, how long it holds, what it may do."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=100, pattern=PLAIN)]
    days: Annotated[int, Field(ge=1, le=365)]
    acts: Annotated[list[Act], Field(min_length=1, max_length=100)]


class MadeToken(BaseModel):
    """新令牌 · ``whole`` is shown in this answer only; a repeated request is answered without it."""

    whole: str | None
    token: TokenShape


@router.get("", summary="本人的令牌 · one's own tokens")
@needs(Act.OWN_ACCOUNT)
def tokens(request: Request) -> TokenList:
    """Return the caller's tokens without their secrets."""
    found = desk_of(request).ledger.accounts.tokens.of(who(request).account)
    return TokenList(tokens=[_shape(each) for each in found])


@router.post("", status_code=201, summary="新建令牌 · make a token", dependencies=[KEYED])
@needs(Act.OWN_ACCOUNT)
def make(request: Request, response: Response, body: NewToken) -> MadeToken:
    """Make a token for some of the caller's own acts."""
    desk, account = _signed_in(request)
    response.headers[SHOWN_ONCE] = "whole"
    beyond = [act.value for act in body.acts if act not in who(request).acts]
    if beyond or body.days * DAY > desk.access.token_limit:
        raise UserError([_not_yours(account, beyond, desk.access.token_limit // DAY)])
    made, first = desk.ledger.accounts.tokens, first_asked(request)
    before = [each for each in made.of(account) if each.label == body.label and each.created_at >= (first or 0)]
    if first is not None and before:
        return MadeToken(whole=None, token=_shape(before[0]))
    whole = made.create(account, body.label, body.acts, desk.now(), body.days * DAY)
    prefix = whole.split("_")[1]
    desk.ledger.note_act(
        desk.now(), who=account, act="token_created", target=prefix, detail=" ".join(body.acts),
        address=address_of(request),
    )  # fmt: skip
    return MadeToken(whole=whole, token=_shape(next(each for each in made.of(account) if each.token == prefix)))


@router.post("/{token}/revoke", summary="吊销令牌 · end a token", dependencies=[KEYED])
@needs(Act.OWN_ACCOUNT)
def revoke(request: Request, token: Annotated[str, Path(max_length=40)]) -> TokenShape:
    """End one of the caller's tokens; ending it twice changes nothing."""
    desk, account = _signed_in(request)
    desk.ledger.accounts.tokens.revoke(account, token, desk.now())
    found = next((each for each in desk.ledger.accounts.tokens.of(account) if each.token == token), None)
    if found is None:
        raise HTTPException(404)
    return _shape(found)


def _signed_in(request: Request) -> tuple[Desk, str]:
    caller = who(request)
    if caller.via != "session":
        raise Refused(Verdict(False, "请在网页上登录后办理。", "Sign in on the pages to do this."))
    return desk_of(request), caller.account


def _not_yours(account: str, beyond: list[str], days: int) -> Problem:
    named = ", ".join(beyond)
    return Problem(
        "token/acts", Place(account),
        f"A token holds at most {days} days and may do only what its account may{f'; not: {named}' if named else ''}.",
        f"令牌最长 {days} 天，且只能允许本账号有权的操作{f'；不可：{named}' if named else ''}。",
    )  # fmt: skip


def _shape(token: Token) -> TokenShape:
    return TokenShape(
        token=token.token, label=token.label, acts=list(token.acts), created_at=token.created_at,
        expires_at=token.expires_at, used_at=token.used_at, revoked_at=token.revoked_at,
    )  # fmt: skip
