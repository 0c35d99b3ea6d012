"""What sending costs: many cards that fall due at one instant, and single ones, from the deadline to their receiver.

    python -m benchmarks.notify [--cards 10000] [--singles 40]

The daemon's own loop, an outbox in SQLite with every commit synced, signed webhooks to a receiver in another process on
the loopback. The instant at which a card falls due is a whole second, so single ones come one a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from pydantic import SecretStr

from alerts.channels.registry import open_channel
from alerts.model import Delivery, delivery_key
from daemon.duties.notify import Notify
from daemon.supervisor import Job, Supervisor
from ledger import Ledger
from ledger.recording import write_deliveries
from rules.documents import Plain

LONGEST_SECONDS = 60


class Taking(asyncio.Protocol):
    """Takes requests on a kept connection and notes when each was there as a whole."""

    arrived: ClassVar[list[tuple[str, float]]] = []

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Note every whole request and answer it."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(b":") for line in self._buffer[:end].split(b"\r\n")[1:])
            }
            whole = end + 4 + int(head.get(b"content-length", b"0"))
            if len(self._buffer) < whole:
                return
            self._buffer = self._buffer[whole:]
            self.arrived.append((head.get(b"idempotency-key", b"").decode(), time.time()))
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def receive() -> None:
    """Take requests; say the port at once, how many there were when asked, and what came when told to stop."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Taking, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while (await loop.run_in_executor(None, sys.stdin.readline)).strip() == "count":
        print(len(Taking.arrived), flush=True)
    print(json.dumps(Taking.arrived), flush=True)
    server.close()


class Receiver:
    """The receiver's process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.notify", "--receive"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{self._said()}/notices"

    def wait_for(self, count: int) -> None:
        """Return when so many requests have come."""
        ends = time.monotonic() + LONGEST_SECONDS
        while int(self._ask("count")) < count:
            if time.monotonic() > ends:
                raise SystemExit(f"not all of {count} messages came within {LONGEST_SECONDS} s")
            time.sleep(0.2)

    def stop(self) -> list[tuple[str, float]]:
        """End the receiver; return the key and instant of every request."""
        arrived = json.loads(self._ask("stop"))
        self._process.wait(10)
        return [(key, at) for key, at in arrived]

    def _ask(self, word: str) -> str:
        assert self._process.stdin is not None
        print(word, file=self._process.stdin, flush=True)
        return self._said()

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def message(number: int, url: str, at: int) -> Delivery:
    """Return a notice of an ordinary length that is to leave at ``at``."""
    card = f"card-{number}"
    return Delivery(
        key=delivery_key(card, 1, "oa", url), card_id=card, serial=1, channel="oa", address=url, recipient="纪检监察室",
        rank="owner", subject=f"【黄牌】住房和城乡建设局：T04 超承诺时限（{number}）",
        body="对住房和城乡建设局发出黄牌。\n办件应于 2018年10月24日 10:00 前办结，已超 2 个工作日。\n" + "单位：住建局\n" * 6,
        facts={"card": card, "colour": "yellow", "unit": "housing", "case_no": str(number), "rule": "T04"},
        created_at=at, not_before_at=at,
    )  # fmt: skip


@contextmanager
def sending(messages: list[Delivery]) -> Iterator[None]:
    """Run the daemon's loop over an outbox that holds these messages."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(f"sqlite:///{folder}/outbox.sqlite3")
        ledger.upgrade()
        with ledger.store.writing() as connection:
            write_deliveries(ledger.store, connection, messages)
        settings: dict[str, Plain] = {
            "kind": "webhook", "secret": "hook", "hosts": ["127.0.0.1"], "networks": ["127.0.0.0/8"], "plain_http": True,
        }  # fmt: skip
        channel = open_channel("oa", settings, {"hook": SecretStr("benchmark")}, Path(folder))
        supervisor = Supervisor(ledger, [Job(Notify(ledger, {"oa": channel}, lambda: int(time.time())), 5)])
        supervisor.start()
        try:
            yield
        finally:
            supervisor.stop()
            channel.close()
            ledger.close()


def at_one_instant(cards: int) -> None:
    """Let many cards fall due at one instant."""
    receiver = Receiver()
    due_at = int(time.time()) + 3 + cards // 20_000
    with sending([message(number, receiver.url, due_at) for number in range(cards)]):
        receiver.wait_for(cards)
    arrived = receiver.stop()
    assert len({key for key, _ in arrived}) == len(arrived) == cards, "a message came twice"
    seconds = max(at for _, at in arrived) - due_at
    print(f"{cards:,} cards due at one instant: all at the receiver after {seconds:.2f} s ({cards / seconds:,.0f}/s)")


def one_by_one(singles: int) -> None:
    """Let single cards fall due, one a second."""
    receiver = Receiver()
    first = int(time.time()) + 3
    messages = [message(number, receiver.url, first + number) for number in range(singles)]
    with sending(messages):
        receiver.wait_for(singles)
    due = {each.key: each.not_before_at for each in messages}
    late = sorted((at - due[key]) * 1e3 for key, at in receiver.stop())
    p99 = late[min(len(late) - 1, int(len(late) * 0.99))]
    print(f"{singles} single deadlines: at the receiver after {statistics.median(late):.1f} ms p50, {p99:.1f} ms p99")


def main() -> None:
    """Run both measurements, or be their receiver."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--singles", type=int, default=40)
    parser.add_argument("--receive", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.receive:
        asyncio.run(receive())
        return
    at_one_instant(asked.cards)
    one_by_one(asked.singles)


if __name__ == "__main__":
    main()
