"""The six packages travel together, under names that nobody else owns, from a lock that names no host."""

import importlib
import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

SIX = ("rules", "connectors", "alerts", "ledger", "console", "daemon")
ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"


def directory_of(package: str) -> Path:
    file = importlib.import_module(package).__file__
    assert file is not None, f"{package} has no file: a foreign namespace package stands in its place"
    return Path(file).resolve().parent


def normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.smoke
def test_all_six_packages_lie_in_one_directory() -> None:
    """`daemon` and `rules` are also names on PyPI; a foreign one would lie elsewhere or hide ours."""
    directories = {package: directory_of(package).parent for package in SIX}
    assert len(set(directories.values())) == 1, directories


@pytest.mark.smoke
def test_no_other_distribution_owns_one_of_the_names() -> None:
    owners = importlib.metadata.packages_distributions()
    foreign = {package: set(owners.get(package, ())) - {"mingdeng"} for package in SIX}
    assert foreign == {package: set() for package in SIX}


@pytest.mark.smoke
@pytest.mark.skipif("MINGDENG_INSTALLED" not in os.environ, reason="only `make smoke` installs the wheel")
def test_the_smoke_run_sees_the_installed_wheel_and_not_the_checkout() -> None:
    assert all(directory_of(package).is_relative_to(sys.prefix) for package in SIX)


@pytest.mark.smoke
def test_the_command_explains_itself() -> None:
    if importlib.util.find_spec("daemon.cli") is None:
        pytest.skip("daemon.cli is not there yet")
    command = Path(sys.executable).parent / "mingdeng"
    result = subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "mingdeng" in result.stdout


def test_the_wheel_holds_the_six_packages_whole_and_nothing_else(tmp_path: Path) -> None:
    """Also what is not Python: rulebooks, calendars, the grammar, templates, migrations."""
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *SIX]
    listing = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout, so what belongs to the packages is not known")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("mingdeng-*.whl")

    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())

    tops = {PurePosixPath(name).parts[0] for name in packed}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(SIX)
    assert {name for name in listing.stdout.splitlines() if (ROOT / name).is_file()} - packed == set()


def test_the_lock_names_no_host() -> None:
    """So that any mirror, or a folder of wheels, can serve it."""
    text = LOCK.read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", text)


def test_the_lock_covers_what_pyproject_asks_for() -> None:
    """A dependency without a line in the lock would be missing after `make setup`: run `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {normalised(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in asked}
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert names - locked == set()
