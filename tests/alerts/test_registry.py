"""Opening channels by their kind: found in the folder, refused with sentences, imported only where configured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels.base import ChannelSettings
from alerts.channels.registry import kinds, open_channel, settings_model
from rules.documents import Plain
from rules.problems import UserError

WEBHOOK: dict[str, Plain] = {"kind": "webhook", "secret": "hook", "hosts": ["oa.county.example"]}


def refused(settings: dict[str, Plain]) -> str:
    with pytest.raises(UserError) as error:
        open_channel("post", settings, {"hook": SecretStr("s3cr3t-value")}, Path("/etc/mingdeng"), "mingdeng.toml")
    assert "s3cr3t-value" not in str(error.value)
    return str(error.value)


def test_the_kinds_are_the_files_of_the_folder() -> None:
    assert kinds() == (
        "alertmanager", "dingtalk", "email", "feishu", "filedrop", "log", "maildir", "sms", "syslog", "webhook",
        "wecom_app", "wecom_robot",
    )  # fmt: skip


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_settings_each_described(kind: str) -> None:
    model = settings_model(kind)
    assert issubclass(model, ChannelSettings)
    undescribed = [name for name, info in model.model_fields.items() if name != "kind" and not info.description]
    assert undescribed == []


def test_only_the_configured_kind_is_imported() -> None:
    """A missing driver of one kind stops no other."""
    program = (
        "import sys, pathlib; from alerts.channels.registry import open_channel;"
        "open_channel('l', {'kind': 'log'}, {}, pathlib.Path());"
        "print(sorted(m for m in sys.modules if m.startswith('alerts.channels.')))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "['alerts.channels.base', 'alerts.channels.log', 'alerts.channels.registry']"


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    assert "Did you mean 'webhook'?" in refused({**WEBHOOK, "kind": "web_hook"})


def test_an_unknown_key_is_a_problem_that_names_it() -> None:
    assert "hostz" in refused({**WEBHOOK, "hostz": []})


def test_a_webhook_without_hosts_is_refused() -> None:
    assert "hosts" in refused({**WEBHOOK, "hosts": []})


def test_a_secret_that_is_not_there_is_a_problem_that_says_where_to_put_it() -> None:
    assert "Put it into a file named 'other'" in refused({**WEBHOOK, "secret": "other"})


@pytest.mark.parametrize(
    "keys",
    [
        {"user": "mingdeng"},
        {"password": "hook"},
        {"user": "mingdeng", "password": "hook", "security": "none"},
        {"security": "ssl"},
        {"port": 0},
        {"sender": "no address"},
    ],
)
def test_mail_settings_that_cannot_work_or_would_send_a_password_in_the_clear_are_refused(
    keys: dict[str, Plain],
) -> None:
    good: dict[str, Plain] = {"kind": "email", "host": "mail.county.example", "sender": "a@county.example"}
    open_channel("post", good, {}, Path())
    assert refused({**good, **keys})


def test_paths_of_a_channel_start_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    model = settings_model("maildir").model_validate({"kind": "maildir", "folder": "inbox"})
    assert dict(model.inside(tmp_path))["folder"] == tmp_path / "inbox"
