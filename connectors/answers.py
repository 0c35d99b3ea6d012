"""One question to an interface over HTTP, asked so that nothing else is reached and nothing unbounded comes back.

Only hosts on the allow-list are connected to, at addresses that are checked as they are connected to; redirects are not
followed, no proxy is taken from the environment, and an answer is bounded in size and time. What goes wrong for a moment
is asked again with back-off; ``Retry-After`` is honoured.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import httpx2
import msgspec
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from connectors.base import SourceFailed
from connectors.outward import Outward
from rules.addresses import Forbidden, IpNetwork

MAX_ANSWER: Final = 64_000_000
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class Manners(NamedTuple):
    """How patiently to ask: seconds for one answer, attempts in all, the first pause and the longest."""

    timeout: float
    attempts: int
    wait: float
    longest: float


class Answer(NamedTuple):
    """A body of JSON and its headers."""

    body: object
    headers: httpx2.Headers


class NotAnswered(SourceFailed):
    """One question was not answered; ``again`` says that asking again soon may help, ``after`` when the source said so."""

    def __init__(
        self, en: str, zh: str, *, passing: bool = True, again: bool = False, after: float = 0.0, status: int = 0
    ) -> None:
        super().__init__(en, zh, passing=passing)
        self.again, self.after, self.status = again, after, status


class Allowed(NamedTuple):
    """Where one source may be asked: hosts (with or without a port), and networks in which their addresses have to lie."""

    hosts: frozenset[str]
    networks: tuple[IpNetwork, ...] = ()


class _Guarded(Outward):
    """Connects to the hosts of the allow-list only, at permitted addresses; checked at the last moment, for every request."""

    def __init__(self, verify: ssl.SSLContext, allowed: Allowed) -> None:
        super().__init__(verify, allowed.networks)
        self._allowed = allowed.hosts

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host.lower()
        if host not in self._allowed and f"{host}:{_port(request.url)}" not in self._allowed:
            raise NotAnswered(
                f"The host '{host}' is not in the allow-list of this source; add it under 'allow_hosts:' if it is meant.",
                f"主机 {host} 不在此数据源的允许列表内；如确需访问，请写入 allow_hosts:。",
                passing=False,
            )
        try:
            return super().handle_request(request)
        except Forbidden as error:
            raise NotAnswered(
                f"The host '{host}' leads to {error}, where this source may not go; name its network under 'networks:' if it is"
                " meant.",
                f"主机 {host} 指向 {error}，此数据源不得访问；如确需访问，请将其网段写入 networks:。",
                passing=False,
            ) from error


class Asker:
    """Asks one interface; the secret header goes to the interface's own origin only."""

    def __init__(
        self,
        source: str,
        url: str,
        manners: Manners,
        allowed: Allowed,
        secret_header: tuple[str, str] | None,
        verify: ssl.SSLContext,
    ) -> None:
        self._source, self._manners = source, manners
        self._origin = httpx2.URL(url)
        self._secret_header = secret_header
        self._client = httpx2.Client(
            transport=_Guarded(verify, allowed),
            trust_env=False,
            follow_redirects=False,
            timeout=manners.timeout,
            headers={"Accept": "application/json", "User-Agent": "mingdeng"},
        )

    def ask(self, url: str, parameters: Mapping[str, str]) -> Answer:
        """Return the answer to a GET; raise ``NotAnswered`` after the last attempt."""
        retrying = Retrying(
            stop=stop_after_attempt(self._manners.attempts),
            wait=self._pause,
            retry=retry_if_exception(lambda error: isinstance(error, NotAnswered) and error.again),
            reraise=True,
        )
        return retrying(self._ask_once, url, parameters)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.after if isinstance(error, NotAnswered) else 0.0
        return max(asked, min(self._manners.longest, self._manners.wait * 2.0 ** (state.attempt_number - 1)))

    def _ask_once(self, url: str, parameters: Mapping[str, str]) -> Answer:
        target = httpx2.URL(url)
        headers = {}
        if self._secret_header is not None and _same_origin(target, self._origin):
            headers[self._secret_header[0]] = self._secret_header[1]
        if self._origin.scheme == "https" and target.scheme != "https":
            raise self._failed(
                "it leads from a secure to another kind of address", "链接指向了不同协议的地址", passing=False
            )
        if parameters:
            target = target.copy_merge_params(dict(parameters))
        try:
            with self._client.stream("GET", target, headers=headers) as response:
                self._check_status(response)
                return Answer(self._json(response, self._body(response)), response.headers)
        except (httpx2.TransportError, httpx2.DecodingError, ssl.SSLError) as error:
            raise self._not_reached(error) from error

    def _check_status(self, response: httpx2.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        if status in _PASSING:
            after = _retry_after(response.headers.get("retry-after"))
            raise self._failed(
                f"it answered {status}" + (f" and asks to wait {after:g} s" if after else ""),
                f"返回 {status}" + (f"，要求等待 {after:g} 秒" if after else ""),
                again=after <= self._manners.longest, after=after, status=status,
            )  # fmt: skip
        if 300 <= status < 400:
            raise self._failed(
                f"it redirects ({status}); redirects are not followed, so put the final address into the mapping",
                f"返回重定向（{status}）；系统不跟随重定向，请在映射中填写最终地址", passing=False, status=status,
            )  # fmt: skip
        if status in {401, 403}:
            raise self._failed(
                f"it refuses our credentials ({status}); check the secret", f"拒绝凭证（{status}）；请检查密钥",
                passing=False, status=status,
            )  # fmt: skip
        raise self._failed(f"it answered {status}", f"返回 {status}", passing=status >= 500, status=status)

    def _body(self, response: httpx2.Response) -> bytes:
        """Read the body, no larger and no longer than allowed."""
        ends = time.monotonic() + self._manners.timeout
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER:
                raise self._failed(
                    f"its answer is larger than {MAX_ANSWER:,} bytes; ask for smaller pages",
                    f"返回内容超过 {MAX_ANSWER:,} 字节；请减小每页数量", passing=False,
                )  # fmt: skip
            if time.monotonic() > ends:
                raise self._failed(
                    f"its answer was not complete after {self._manners.timeout:g} s",
                    f"{self._manners.timeout:g} 秒内未返回完整内容", again=True,
                )  # fmt: skip
        return b"".join(parts)

    def _json(self, response: httpx2.Response, body: bytes) -> object:
        kind = response.headers.get("content-type", "").lower()
        if body.lstrip()[:1] == b"<" or "text/html" in kind:
            raise self._failed("it sent a web page (HTML) instead of JSON; perhaps a login or an error page",
                               "返回的是网页（HTML）而不是 JSON，可能是登录页或错误页")  # fmt: skip
        try:
            charset = response.charset_encoding
            if charset and charset.lower() not in {"utf-8", "utf8"}:
                body = body.decode(charset).encode()
            return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeError, LookupError, RecursionError) as error:
            raise self._failed(
                f"its answer of {len(body):,} bytes is not whole JSON in UTF-8 (half a page?)",
                f"返回的 {len(body):,} 字节不是完整的 UTF-8 JSON（内容不全？）", again=True,
            ) from error  # fmt: skip

    def _not_reached(self, error: Exception) -> NotAnswered:
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return self._bad_certificate(cause)
        if isinstance(error, httpx2.TimeoutException):
            seconds = f"{self._manners.timeout:g}"
            return self._failed(f"it did not answer within {seconds} s", f"{seconds} 秒内无应答", again=True)
        if isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.DecodingError):
            return self._failed("it broke off in the middle of its answer", "应答中途断开", again=True)
        return self._failed("it cannot be reached", "无法连接", again=True)

    def _bad_certificate(self, error: ssl.SSLCertVerificationError) -> NotAnswered:
        if error.verify_code == 10:
            return self._failed("its certificate has expired; its operator has to renew it",
                                "其证书已过期，须由对方更换")  # fmt: skip
        said = error.verify_message.rstrip(".")
        return self._failed(
            f"its certificate is not trusted ({said}); an authority of your own goes under 'ca_file:'",
            f"其证书不受信任（{said}）；自有根证书请写入 ca_file:", passing=False,
        )  # fmt: skip

    def _failed(
        self, en: str, zh: str, *, passing: bool = True, again: bool = False, after: float = 0.0, status: int = 0
    ) -> NotAnswered:
        host = self._origin.host
        return NotAnswered(
            f"The interface of source '{self._source}' at {host} failed: {en}.", f"数据源“{self._source}”的接口 {host} 失败：{zh}。",
            passing=passing, again=again, after=after, status=status,
        )  # fmt: skip


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _retry_after(said: str | None) -> float:
    """Return the seconds that a Retry-After header asks for (a number or a date), 0 if it asks for nothing."""
    if said is None:
        return 0.0
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return 0.0


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _same_origin(one: httpx2.URL, other: httpx2.URL) -> bool:
    return (one.scheme, one.host, _port(one)) == (other.scheme, other.host, _port(other))
