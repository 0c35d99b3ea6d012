"""Learns Boston's limits from the targets that the city published, and writes them as an item catalogue.

One limit per request type and opening month: as many natural or business days, counted ``same_time``, as give most of
the published targets. Months that follow each other with the same limit are one dated version of the item.

    python examples/boston311/learn.py boston311_2015_H1.csv.gz --out catalogue.yaml
    python examples/boston311/learn.py boston311_2015_H1.csv.gz --learn odd --judge even
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import gzip
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from rules.calendarbook import open_calendars
from rules.calendars import Calendar
from rules.civildays import index_of
from rules.facts import Instant
from rules.limits import Counting, due
from rules.quantities import Quantity, Unit

WITHIN: Final = 70
"""Seconds: the city computes from a start that is up to a minute away from the one that it publishes."""

WRITTEN: Final = "%m/%d/%Y %I:%M:%S %p"


class Request(NamedTuple):
    """One published request that has a target."""

    number: int
    type: str
    opened_on: dt.date
    opened_at: Instant
    target_at: Instant

    @property
    def month(self) -> dt.date:
        """The first day of the month in which it was opened."""
        return self.opened_on.replace(day=1)


Votes: TypeAlias = Counter[Quantity]
Learned: TypeAlias = Mapping[str, Mapping[dt.date, Quantity]]
"""By type and opening month, the limit."""


def read_requests(path: Path, calendar: Calendar) -> list[Request]:
    """Return the rows of the published file that have a target, numbered from 1."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    with io.StringIO(raw.decode("utf-8-sig"), newline="") as text:
        return [
            Request(number, row["TYPE"], start.date(), _instant(calendar, start), _instant(calendar, target))
            for number, row in enumerate(csv.DictReader(text), start=1)
            if row["TARGET_DT"]
            for start, target in [(_read(row["OPEN_DT"]), _read(row["TARGET_DT"]))]
        ]


def learn(requests: Iterable[Request], calendar: Calendar) -> Learned:
    """Return the limits that give most of the published targets, by type and opening month."""
    votes: dict[str, dict[dt.date, Votes]] = defaultdict(lambda: defaultdict(Counter))
    for request in requests:
        votes[request.type][request.month].update(fitting_limits(request, calendar))
    return {
        type_: {month: best for month, counted in sorted(months.items()) if (best := _best(counted, months.values()))}
        for type_, months in sorted(votes.items())
    }


def fitting_limits(request: Request, calendar: Calendar) -> Iterator[Quantity]:
    """Yield the limits, one in business days and one in natural days at most, that give the published target."""
    target_on = calendar.on(request.target_at)
    first, last = index_of(calendar.on(calendar.next_opening(request.opened_at))), index_of(target_on)
    business = (calendar.working.before[last + 1] - calendar.working.before[first + 1]) // calendar.day_ticks
    natural = (target_on - request.opened_on).days
    for amount, unit in ((business, Unit.WORKDAY), (natural, Unit.NATURAL_DAY)):
        limit = Quantity(Fraction(amount), unit)
        if amount > 0 and fits(request, limit, calendar):
            yield limit


def fits(request: Request, limit: Quantity, calendar: Calendar) -> bool:
    """Say whether a limit gives the published target."""
    return abs(due(calendar, request.opened_at, limit, Counting.SAME_TIME).at - request.target_at) <= WITHIN


def _best(counted: Votes, of_all_months: Iterable[Votes]) -> Quantity | None:
    """Return the limit with most votes; where a month is tied, the limit that the type has most often decides."""
    usual = sum(of_all_months, Counter())
    return max(counted, key=lambda limit: (counted[limit], usual[limit], limit.unit is Unit.WORKDAY), default=None)


class Version(NamedTuple):
    """A limit of one type, in force on [``from_on``, ``until_on``)."""

    type: str
    from_on: dt.date
    until_on: dt.date | None
    limit: Quantity


def versions(learned: Learned) -> list[Version]:
    """Return the dated versions of every type: a month without a limit of its own continues the one before it."""
    found: list[Version] = []
    for type_, months in learned.items():
        changes = [month for month, before in zip(months, [None, *months], strict=False)
                   if before is None or months[month] != months[before]]  # fmt: skip
        for month, until in zip(changes, [*changes[1:], None], strict=False):
            found.append(Version(type_, month, until, months[month]))
    return found


def write_catalogue(found: Sequence[Version], path: Path) -> None:
    """Write the item catalogue that ``rules.catalogue`` reads."""
    lines = ["# Learned from the city's published targets by examples/boston311/learn.py; derived data.", "items:"]
    for version in found:
        name = json.dumps(version.type, ensure_ascii=False)
        until = f", until: {version.until_on}" if version.until_on else ""
        limits = f"limits: {{promised: {version.limit}}}"
        lines.append(f"  - {{code: {name}, name: {name}, from: {version.from_on}{until}, {limits}}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


class Tally(NamedTuple):
    """How many requests there are, and how many of their targets are missed, by opening month."""

    seen: Counter[str]
    missed: Counter[str]

    @property
    def share(self) -> float:
        """The share of targets that are met."""
        return 1 - self.missed.total() / max(self.seen.total(), 1)


def judge(requests: Iterable[Request], found: Sequence[Version], calendar: Calendar) -> Tally:
    """Hold the limits against the published targets."""
    by_type: dict[str, list[Version]] = defaultdict(list)
    for version in found:
        by_type[version.type].append(version)
    seen: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for request in requests:
        month = f"{request.opened_on:%Y-%m}"
        seen[month] += 1
        limit = next((v.limit for v in reversed(by_type[request.type]) if v.from_on <= request.opened_on), None)
        if limit is None or not fits(request, limit, calendar):
            missed[month] += 1
    return Tally(seen, missed)


def report(title: str, tally: Tally) -> None:
    """Print the share of due instants that are met, and the misses by month."""
    seen, missed = tally
    met, total = seen.total() - missed.total(), seen.total()
    print(f"{title}: {met:,} of {total:,} due instants within {WITHIN} s = {100 * tally.share:.2f} %")
    for month in sorted(seen):
        print(f"  {month}  {missed[month]:>5} missed of {seen[month]:>6,} = {100 * missed[month] / seen[month]:5.2f} %")


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, judge, print, and write the catalogue if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="the published CSV file, plain or gzipped")
    parser.add_argument("--out", type=Path, help="write the item catalogue to this YAML file")
    parser.add_argument("--learn", choices=["all", "odd", "even"], default="all", help="rows to learn from")
    parser.add_argument("--judge", choices=["all", "odd", "even"], default="all", help="rows to judge")
    asked = parser.parse_args(arguments)

    calendar = open_calendars([Path(__file__).parent]).get("boston")
    requests = read_requests(asked.file, calendar)
    found = versions(learn(chosen(requests, asked.learn), calendar))
    judged = judge(chosen(requests, asked.judge), found, calendar)
    report(f"learned from {asked.learn} rows, judged on {asked.judge}", judged)
    if asked.learn == asked.judge == "all":
        held_out = versions(learn(chosen(requests, "odd"), calendar))
        report("held out: learned from odd rows, judged on even", judge(chosen(requests, "even"), held_out, calendar))
    if asked.out is not None:
        write_catalogue(found, asked.out)
        print(f"{len(found)} item versions written to {asked.out}")


def chosen(requests: Iterable[Request], rows: str) -> list[Request]:
    """Return all requests, or those in odd or even rows of the file."""
    wanted = {"all": {0, 1}, "odd": {1}, "even": {0}}[rows]
    return [request for request in requests if request.number % 2 in wanted]


def _read(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, WRITTEN)  # noqa: DTZ007  # a wall time; the calendar's zone is put to it below


def _instant(calendar: Calendar, wall: dt.datetime) -> Instant:
    return calendar.at(wall.date(), wall.time())


if __name__ == "__main__":
    main()
