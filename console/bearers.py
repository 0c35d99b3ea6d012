"""Whom a consequence may name: the people whom the card names, and the holders of its unit's posts and of those above."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts.directory import NOBODY, Directory, Post
from alerts.model import Card
from console.desk import Desk


class Bearer(NamedTuple):
    """A person against whom a measure may be taken; ``account`` is how cases name him, ``post`` "" if it is not known."""

    account: str
    name: str
    post: str = ""

    @property
    def shown(self) -> str:
        """Post and name in one line."""
        name = self.name if self.name == self.account else f"{self.name} ({self.account})"
        return f"{self.post} {name}" if self.post else name


def bearers(desk: Desk, card: Card) -> dict[str, Bearer]:
    """Return who may be chosen on a card's page, those whom the card names first; anybody else is typed."""
    standing = desk.ledger.directory() or NOBODY
    known = _of_the_unit(standing, card.unit, dt.datetime.fromtimestamp(desk.now(), ZoneInfo(desk.zone)).date())
    named = [each for each in (own_bearer(card), card.person, *card.shares) if each]
    first = {each: known.get(each) or Bearer(each, _name(standing, each)) for each in named}
    return {**first, **{account: each for account, each in known.items() if account not in first}}


def called(desk: Desk, unit: str, account: str) -> str:
    """Return post and name of an officer of a unit, as cases name him; his account where the directory knows no more."""
    standing = desk.ledger.directory() if account else None
    if standing is None:
        return account
    today = dt.datetime.fromtimestamp(desk.now(), ZoneInfo(desk.zone)).date()
    known = _of_the_unit(standing, unit, today).get(account)
    return (known or Bearer(account, _name(standing, account))).shown


def own_bearer(card: Card) -> str:
    """Return the person of whom the card is, "" if it is of a case or of a unit."""
    return card.case_id.case_no if card.case_id.kind == "person" else ""


def _of_the_unit(standing: Directory, unit: str, today: dt.date) -> Mapping[str, Bearer]:
    """Return who holds a post of the unit or of one above it, the unit's own people first."""
    posts = {(post.unit, post.post): post for post in standing.posts}
    found: dict[str, Bearer] = {}
    for code in standing.upwards(unit):
        for tenure in (*standing.holders_of, *standing.deputies):
            post = posts.get((tenure.unit, tenure.post))
            if tenure.unit == code and post is not None and tenure.covers(today):
                name = _name(standing, tenure.account)
                found.setdefault(tenure.account, Bearer(tenure.account, name, _called(standing, post)))
    return found


def _called(standing: Directory, post: Post) -> str:
    unit = standing.unit.get(post.unit)
    return f"{unit.zh if unit is not None else post.unit}{post.zh or post.post}"


def _name(standing: Directory, account: str) -> str:
    person = standing.person.get(account)
    return person.name if person is not None else account
