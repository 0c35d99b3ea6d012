"""Makes the mail of an attempt: UTF-8 text, headers that no value breaks out of, the delivery's key as its name."""

from __future__ import annotations

import email.utils
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from alerts.model import Attempt
from rules.placeholders import neutral

REPEAT_HEADER = "X-Mingdeng-Possible-Repeat"
REPEAT_MARK = "（可能重复 possible repeat）"


_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
"""One plain address: no second one, no quotes or comments, which mail systems read in different ways."""


class MalformedAddress(ValueError):
    """The address is no mail address."""


def letter(attempt: Attempt, sender: str, sender_name: str = "") -> EmailMessage:
    """Return the mail of this attempt; raise ``MalformedAddress`` if it cannot be addressed.

    Every attempt at one delivery has the same ``Message-ID``, so that a mail system that honours it keeps one.
    """
    delivery = attempt.delivery
    from_ = _address(sender, sender_name)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = from_
    mail["To"] = _address(delivery.address, delivery.recipient)
    mail["Subject"] = neutral(delivery.subject) + (REPEAT_MARK if attempt.possible_repeat else "")
    mail["Date"] = email.utils.formatdate(attempt.started_at, usegmt=True)
    mail["Message-ID"] = f"<{delivery.key}@{from_.domain or 'mingdeng.invalid'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Mingdeng-Key"] = delivery.key
    if attempt.possible_repeat:
        mail[REPEAT_HEADER] = f"yes; attempt {attempt.number}"
    mail.set_content(delivery.body, charset="utf-8", cte="base64")
    return mail


def _address(text: str, name: str) -> Address:
    if _MAIL.fullmatch(text) is None:
        raise MalformedAddress(f"'{neutral(text)}' is no mail address")
    try:
        return Address(display_name=neutral(name), addr_spec=text)
    except (ValueError, IndexError) as error:
        raise MalformedAddress(f"'{neutral(text)}' is no mail address: {error}") from error
