"""What a program can ask about the token that it holds."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from console.access.acts import Act
from console.access.callers import who
from console.access.declared import needs

router = APIRouter(prefix="/api/v1", tags=["account"])


class Oneself(BaseModel):
    """Who asks, and what they may."""

    account: str
    name: str
    roles: list[str]
    regions: list[str]
    units: list[str]
    acts: list[str]


@router.get("/me")
@needs(Act.OWN_ACCOUNT)
def me(request: Request) -> Oneself:
    """Return who the caller is, their scope, and every act that they may ask for."""
    asked = who(request)
    return Oneself(
        account=asked.account, name=asked.name, roles=sorted(asked.roles), regions=sorted(asked.scope.regions),
        units=sorted(asked.scope.units), acts=sorted(asked.acts),
    )  # fmt: skip
