"""What a finding shows: the placeholders of its message, the words of its condition with their values, what is missing."""

from __future__ import annotations

from fractions import Fraction

from rules.doubts import both, doubt
from rules.env import EnvValue, RuleEnv
from rules.facts import Instant, Value
from rules.frames import Frame
from rules.judgement import Amount, Moment, Shown
from rules.language.nodes import Call, Subject
from rules.rule import Rule

MEASURES = frozenset({"used", "left", "over_by"})
MOMENTS = frozenset({"due_at", "started_at", "stopped_at"})


def shown(name: str, env: RuleEnv) -> Shown:
    """Return the value of one placeholder; "" where there is none."""
    path = tuple(name.split("."))
    if path[0] == "clock" and len(path) == 3:
        return _clock_shown(path[1], path[2], env)
    if path[0] == "tally" and len(path) == 3:
        return text_of(env.call("tally", path[1:], ()))
    if path[0] == "rule":
        return ""
    if name in {"unit.code", "unit.name"}:  # the name is told where the message is worded, which knows the names
        return _unit(env)
    if name == "card.reference":
        return _about(env)
    return text_of(env.value(path))


def _unit(env: RuleEnv) -> str:
    case = env.view.case
    return case.case_no if case.kind == "unit" else text_of(env.view.attributes.get("unit")) or case.case_no


def _about(env: RuleEnv) -> str:
    """Return what a card is about, as people call it: the number of its case, its rule where it is about a unit."""
    said = env.view.attributes
    kind, _, number = text_of(said.get("case")).partition("/")[2].partition("/")
    return number if kind and kind != "unit" else text_of(said.get("rule")) or env.view.case.case_no


def _clock_shown(clock: str, word: str, env: RuleEnv) -> Shown:
    run = env.run(clock)
    reading = run.reading(env.view.at) if run is not None else None
    if run is None or reading is None:
        return ""
    zone = run.terms.calendar.zone
    if word == "key":
        return run.key
    if word == "title":
        return clock
    if word == "limit":
        return str(reading.limit or "")
    if word in MEASURES:
        amount: Amount | None = getattr(reading, word)
        return amount if amount is not None else ""
    instant: Instant | None = getattr(reading, word) if word in MOMENTS else None
    return Moment(instant, zone, reading.provisional and word == "due_at") if instant is not None else ""


def text_of(value: EnvValue) -> str:
    """Return a value as text for a message: "" if it is missing."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return f"{float(value):g}"
    return str(value)


def evidence(rule: Rule, env: RuleEnv) -> dict[str, Value]:
    """Return each word of a condition with the value that it had, so that a reader can check the condition by hand."""
    found: dict[str, Value] = {}
    for written, subject in rule.reads:
        value = _subject_value(subject, env)
        found[written] = value if value is None or isinstance(value, (bool, int)) else text_of(value)
    return found


def at_fault(rule: Rule, env: RuleEnv) -> str | None:
    """Return the unit that a finding is against; None for the unit of the case, "" if the facts do not name it."""
    return None if rule.against is None else text_of(_subject_value(rule.against, env))


def figure(path: tuple[str, ...], env: RuleEnv) -> Value:
    """Return a word that a rulebook shows beside each case as a plain value: a measure of a clock with its unit."""
    value = _measure(path, env) if path[0] == "clock" and path[2] in MEASURES else env.value(path)
    return value if value is None or isinstance(value, str | int | float) else text_of(value)


def _subject_value(subject: Subject, env: RuleEnv) -> EnvValue:
    if isinstance(subject, Call):
        return env.call(subject.name, subject.args, subject.rest)
    path = subject.path
    if path[0] == "clock" and path[2] in MEASURES:
        return _measure(path, env)
    rows = env.collection(path)
    return len(rows) if rows is not None else env.value(path)


def _measure(path: tuple[str, ...], env: RuleEnv) -> str | None:
    run = env.run(path[1])
    reading = run.reading(env.view.at) if run is not None else None
    amount: Amount | None = getattr(reading, path[2]) if reading is not None else None
    return f"{amount.units} {amount.unit}" if amount is not None else None


def missing(rule: Rule, env: RuleEnv, frame: Frame) -> str:
    """Return what makes a condition undetermined: the words without a value, and the reason where a clock knows it."""
    words = [written for written, subject in rule.reads if _subject_value(subject, env) is None]
    reading = frame.run.reading(env.view.at) if frame.run is not None else None
    reason = reading.because if reading is not None else ""
    return both(reason, doubt("missing", *words) if words else "")
