"""Mail over SMTP, encrypted unless the settings say otherwise; one connection a letter."""

from __future__ import annotations

import base64
import smtplib
import ssl
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, model_validator

from alerts.channels.base import Channel, ChannelSettings, Secrets, Timeout, answered
from alerts.letters import MalformedAddress, letter
from alerts.model import Attempt, Outcome, Receipt
from alerts.network import deadline


class Settings(ChannelSettings):
    """Settings of a mail server; the recipient's address is a mail address.

    ```toml
    [channels.post]
    kind = "email"
    host = "mail.county.example"
    user = "mingdeng"
    password = "mail_password"
    sender = "mingdeng@county.example"
    ```
    """

    kind: Literal["email"]
    host: Annotated[str, Field(min_length=1)]
    """The mail server."""
    port: Annotated[int | None, Field(ge=1, le=65_535)] = None
    """Its port; left out: 587 with `starttls`, 465 with `tls`, 25 with `none`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted; `none` is for a server on the same machine."""
    user: str = ""
    """Name to sign in with; left out, nobody signs in."""
    password: str = ""
    """Name of the secret that holds the password."""
    sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
    """Address in the letter's From."""
    sender_name: str = "明灯"
    """Name in the letter's From."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's own, for an internal authority."""
    timeout: Timeout = 30.0
    """Seconds that the whole exchange may take, 45 at the most."""
    at_once: Annotated[int, Field(ge=1, le=64)] = 4
    """Letters that may be on their way side by side, each over a connection of its own."""

    @model_validator(mode="after")
    def _signs_in_privately(self) -> Settings:
        if bool(self.user) != bool(self.password):
            raise ValueError("'user' and 'password' (the name of a secret) go together")
        if self.user and self.security == "none":
            raise ValueError("a password is not sent in the clear; choose security 'starttls' or 'tls'")
        return self

    def secret_names(self) -> tuple[str, ...]:
        """Return the name of the password's secret, if somebody signs in."""
        return (self.password,) if self.password else ()


class _Smtp(smtplib.SMTP):
    """A connection that is made later, when its deadline runs, and still knows whose certificate to expect."""

    def __init__(self, host: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._host = host


class _SmtpTls(smtplib.SMTP_SSL):
    """As ``_Smtp``, encrypted from the first byte."""

    def __init__(self, host: str, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(timeout=timeout, context=context)
        self._host = host


class _Refused(Exception):
    """The server said no; ``receipt`` is what that means."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.answer)
        self.receipt = receipt


class Mail:
    """A mail server that letters are handed to."""

    kind = "email"

    def __init__(self, settings: Settings, password: SecretStr | None) -> None:
        self._settings, self._password = settings, password
        self.limits = settings.limits()
        self._tls = ssl.create_default_context(cafile=settings.ca_file)

    def send(self, attempt: Attempt) -> Receipt:
        """Hand the letter over; a connection that breaks once the letter is on its way leaves the outcome unknown."""
        settings = self._settings
        try:
            mail = letter(attempt, settings.sender, settings.sender_name)
        except MalformedAddress as error:
            return answered(Outcome.PERMANENT, str(error))
        smtp = self._connection()
        on_its_way = False
        try:
            with deadline(settings.timeout, lambda: smtp.sock):
                self._greet(smtp)
                _expect(smtp.mail(settings.sender), ours=True)
                _expect(smtp.rcpt(attempt.delivery.address))
                on_its_way = True
                return _handed_over(smtp, mail.as_bytes())
        except _Refused as refused:
            return refused.receipt
        except (OSError, smtplib.SMTPException) as error:
            said = f"{type(error).__name__}: {error}"
            return answered(Outcome.UNKNOWN if on_its_way else Outcome.PASSING, said)
        finally:
            smtp.close()

    def close(self) -> None:
        """Nothing is held between two letters."""

    def _connection(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "tls":
            return _SmtpTls(settings.host, settings.timeout, self._tls)
        return _Smtp(settings.host, settings.timeout)

    def _greet(self, smtp: smtplib.SMTP) -> None:
        """Connect, encrypt and sign in; what fails here is ours to mend and concerns no single letter, so it passes."""
        settings = self._settings
        standard = {"starttls": 587, "tls": 465, "none": 25}[settings.security]
        _expect(smtp.connect(settings.host, settings.port or standard), ours=True)
        smtp.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            smtp.starttls(context=self._tls)
            smtp.ehlo()
        if self._password is not None:
            _sign_in(smtp, settings.user, self._password.get_secret_value())


def connect(settings: Settings, secrets: Secrets) -> Channel:
    """Return the mail server of these settings."""
    return Mail(settings, secrets[settings.password] if settings.password else None)


def _sign_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    """Sign in by what the server offers; where a name or password is not ASCII by PLAIN in UTF-8 (RFC 4616)."""
    if user.isascii() and password.isascii():
        smtp.login(user, password)
        return
    credentials = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    _expect(smtp.docmd("AUTH", f"PLAIN {credentials}"), ours=True)


def _handed_over(smtp: smtplib.SMTP, content: bytes) -> Receipt:
    """Send the letter itself; return the receipt once the server has taken the whole of it."""
    try:
        reply = smtp.data(content)
    except smtplib.SMTPDataError as error:
        reply = (
            error.smtp_code,
            error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode(),
        )
    _expect(reply)
    return _receipt(Outcome.DELIVERED, reply)


def _expect(reply: tuple[int, bytes], *, ours: bool = False) -> None:
    """Go on if the server agreed. ``ours``: a refusal concerns our settings and not this letter, so it is not final."""
    if 200 <= reply[0] < 300:
        return
    raise _Refused(_receipt(Outcome.PERMANENT if reply[0] >= 500 and not ours else Outcome.PASSING, reply))


def _receipt(outcome: Outcome, reply: tuple[int, bytes]) -> Receipt:
    return answered(outcome, f"{reply[0]} ".encode() + reply[1])
