"""WeCom, DingTalk and Feishu as they behave: token, signature, keyword, size and rate checks, with their own words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re

from tests.alerts.receivers.http import ODD, Asked, Provider, Said, json_said
from tests.contracts.channel_contract import Mood

TOKEN = "tokén/of-the+robot"
SIGN = "SEC-签"


class WeComRobot(Provider):
    """``/cgi-bin/webhook/send``."""

    def answer(self, asked: Asked) -> Said:
        """Answer as WeCom: always 200, the refusal in ``errcode``."""
        if asked.query.get("key") != TOKEN:
            return json_said(errcode=93000, errmsg="invalid webhook url, hint: [16], from ip: 127.0.0.1")
        content = asked.json["text"]
        assert isinstance(content, dict)
        text = str(content["content"])
        if len(text.encode()) > 2048:
            return json_said(errcode=40058, errmsg="text.content exceed max length 2048")
        if self.mood is Mood.REFUSES_FOR_GOOD:
            return json_said(errcode=40008, errmsg="invalid message type")
        if self.mood is Mood.REFUSES_FOR_NOW:
            return json_said(errcode=45009, errmsg="api freq out of limit")
        self.take(text)
        return json_said(errcode=0, errmsg=ODD if self.mood is Mood.SAYS_TOO_MUCH else "ok")


class WeComApp(Provider):
    """``/cgi-bin/gettoken`` and ``/cgi-bin/message/send``; a token holds until ``expire`` is called."""

    address_of_tests = "zhang.san"

    def __init__(self) -> None:
        super().__init__()
        self.issued = 0
        self.token = "none yet"

    def expire(self) -> None:
        """Let the token hold no longer."""
        self.token = "none yet"

    def answer(self, asked: Asked) -> Said:
        """Answer as WeCom."""
        if asked.path.endswith("/gettoken"):
            return self._token_for(asked)
        if asked.query.get("access_token") != self.token:
            return json_said(errcode=40014, errmsg="invalid access_token")
        said = asked.json
        content = said["text"]
        assert isinstance(content, dict)
        assert (said["msgtype"], said["agentid"]) == ("text", 1000002)
        if self.mood is Mood.REFUSES_FOR_GOOD:
            return json_said(errcode=81013, errmsg="user & party & tag all invalid")
        if self.mood is Mood.REFUSES_FOR_NOW:
            return json_said(errcode=45009, errmsg="api freq out of limit")
        if said["touser"] != self.address_of_tests:
            return json_said(errcode=0, errmsg="ok", invaliduser=said["touser"], msgid="")
        self.take(str(content["content"]))
        words = ODD if self.mood is Mood.SAYS_TOO_MUCH else "ok"
        return json_said(errcode=0, errmsg=words, invaliduser="", msgid=f"m-{len(self.accepted)}")

    def _token_for(self, asked: Asked) -> Said:
        if asked.query != {"corpid": "ww1", "corpsecret": TOKEN}:
            return json_said(errcode=40001, errmsg="invalid credential")
        self.issued += 1
        self.token = f"token-{self.issued}"
        return json_said(errcode=0, errmsg="ok", access_token=self.token, expires_in=7200)


class DingTalk(Provider):
    """``/robot/send`` with signature and keyword."""

    def answer(self, asked: Asked) -> Said:
        """Answer as DingTalk."""
        if asked.query.get("access_token") != TOKEN:
            return json_said(errcode=300005, errmsg="token is not exist")
        at = asked.query.get("timestamp", "")
        wanted = base64.b64encode(hmac.new(SIGN.encode(), f"{at}\n{SIGN}".encode(), hashlib.sha256).digest()).decode()
        if not re.fullmatch(r"\d{13}", at) or asked.query.get("sign") != wanted:
            return json_said(errcode=310000, errmsg="sign not match, more: [https://ding-doc.dingtalk.com/]")
        content = asked.json["text"]
        assert isinstance(content, dict)
        text = str(content["content"])
        if "监察" not in text or self.mood is Mood.REFUSES_FOR_GOOD:
            return json_said(errcode=310000, errmsg="keywords not in content, more: [https://ding-doc.dingtalk.com/]")
        if self.mood is Mood.REFUSES_FOR_NOW:
            said = {"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "errcode": 130101}
            return Said(json.dumps({**said, "errmsg": "send too fast, exceed 20 times per minute"}).encode())
        self.take(text)
        return json_said(errcode=0, errmsg=ODD if self.mood is Mood.SAYS_TOO_MUCH else "ok")


class Feishu(Provider):
    """``/open-apis/bot/v2/hook/TOKEN`` with signature."""

    def answer(self, asked: Asked) -> Said:
        """Answer as Feishu."""
        if asked.path != "/hook/tok%C3%A9n%2Fof-the%2Brobot":
            return json_said(code=19001, data={}, msg="param invalid: incoming webhook access token invalid")
        said = asked.json
        key = f"{said.get('timestamp')}\n{SIGN}".encode()
        if said.get("sign") != base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode():
            return json_said(
                code=19021, data={}, msg="sign match fail or timestamp is not within one hour from current time"
            )
        if len(asked.body) > 20_480 or self.mood is Mood.REFUSES_FOR_GOOD:
            return json_said(400, code=9499, data={}, msg="Bad Request")
        if self.mood is Mood.REFUSES_FOR_NOW:
            return json_said(400, {"x-ogw-ratelimit-reset": "52"}, code=11232, data={}, msg="frequency limited")
        content = said["content"]
        assert isinstance(content, dict)
        post = content["post"]["zh_cn"]
        pieces = [piece for line in post["content"] for piece in line]
        assert {piece["tag"] for piece in pieces} == {"text"}
        self.take("\n".join([post["title"], *(piece["text"] for piece in pieces)]))
        return json_said(
            StatusCode=0, StatusMessage="success", code=0, data={},
            msg=ODD if self.mood is Mood.SAYS_TOO_MUCH else "success",
        )  # fmt: skip
