"""Who is not told, what waits, and which steps of escalation ran."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from daemon.metrics.snapshot import Snapshot, counter, gauge


def families(snapshot: Snapshot) -> Iterator[Metric]:
    """Yield ranks without a recipient, cards and messages that wait, and steps of escalation."""
    routing = snapshot.routing
    yield gauge(
        "mingdeng_ranks_without_recipient",
        "Ranks of a unit that a rule may tell and that nobody holds.",
        ("unit", "rank"),
        dict.fromkeys(snapshot.vacancies, 1),
    )
    yield gauge(
        "mingdeng_cards_held",
        "New cards that wait because a source of their case is silent.",
        ("source",),
        {(source,): n for source, n in (routing.held if routing else {}).items()},
    )
    yield counter(
        "mingdeng_messages_deferred",
        "Messages put off to a digest because their address had enough that day.",
        ("channel",),
        {(channel,): n for channel, n in (routing.deferred if routing else {}).items()},
    )
    yield gauge(
        "mingdeng_escalation_steps",
        "Steps of escalation: ran, due but missed, and cards or feeds that wait to be judged too long.",
        ("state",),
        {(state,): n for state, n in snapshot.steps.items()},
    )
