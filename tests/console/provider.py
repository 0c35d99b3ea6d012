"""A small OpenID provider on loopback: discovery, authorization, token and key endpoints, PKCE and signatures as real."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "mingdeng-console", "the provider's secret"


@dataclass
class Idp:
    """The provider: whom it names (``claims``), and how a test may make it lie (``twist``, ``key``)."""

    now: int
    url: str = ""
    claims: dict[str, object] = field(default_factory=dict)
    twist: dict[str, object] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    shown: ECKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> dict[str, object]:
        """Return what the provider says of itself."""
        return {
            "issuer": self.url, "authorization_endpoint": self.url + "/authorize", "token_endpoint": self.url + "/token",
            "jwks_uri": self.url + "/keys", "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }  # fmt: skip

    def authorize(self, asked: dict[str, str]) -> str:
        """Return the address that the browser is sent back to; the person agrees at once."""
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        """Return the tokens for a code that was never used, if the verifier is the one that was promised."""
        asked = self.codes.pop(form.get("code", ""), None)
        promised = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        client = b64decode(authorization.removeprefix("Basic ")).decode()
        if asked is None or promised != asked["code_challenge"] or client != f"{CLIENT}:{SECRET}":
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": "42", "iat": self.now, "exp": self.now + 300,
            "nonce": asked["nonce"], **self.claims, **self.twist,
        }  # fmt: skip
        token = jwt.encode({"alg": "ES256", "kid": "1"}, claims, self.key)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}

    def keys(self) -> dict[str, object]:
        """Return the public keys."""
        return {"keys": [(self.shown or self.key).as_dict(private=False)]}


@contextmanager
def provider(now: int) -> Iterator[Idp]:
    """Serve a provider on a free port."""
    idp = Idp(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            if split.path == "/authorize":
                self.send_response(302)
                asked = {name: values[0] for name, values in parse_qs(split.query).items()}
                self.send_header("location", idp.authorize(asked))
                self.end_headers()
                return
            pages: dict[str, Callable[[], dict[str, object]]] = {
                "/.well-known/openid-configuration": idp.discovery, "/keys": idp.keys,
            }  # fmt: skip
            self._say(200, pages[split.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*idp.exchange(form, self.headers.get("authorization", "")))

        def _say(self, status: int, value: dict[str, object]) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    idp.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield idp
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
