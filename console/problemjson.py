"""Tells programs what is wrong (RFC 9457): one document per refusal, every sentence in the language that was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from console.access.roles import Verdict
from rules.problems import Language, Problem

MEDIA_TYPE: Final = "application/problem+json"
KIND: Final = "urn:mingdeng:problem:"
"""What the ``type`` of a problem of ours begins with; its code follows."""

TITLES: Final = {
    400: ("请求无法识别", "Cannot be read"),
    401: ("请先登录", "Sign in first"),
    403: ("未获许可", "Not allowed"),
    404: ("没有这一项", "Not there"),
    405: ("不支持此方法", "Not a verb of this address"),
    409: ("已有变动，未予办理", "Overtaken: nothing was done"),
    412: ("版本已变动，未予办理", "Changed since: nothing was done"),
    413: ("内容过大", "Too large"),
    422: ("内容不符合要求", "Cannot be used"),
    500: ("程序故障", "A fault of ours"),
}

STATUS: Final = {
    "card/overtaken": 409, "card/unknown": 404, "law/not-waiting": 409, "law/changed": 409, "law/waiting": 409,
    "law/same-person": 403, "law/unknown": 404, "once/under-way": 409, "accounts/taken": 409,
}  # fmt: skip
"""With which status a code is answered; every other is 422."""

_SAID: Final = {
    "missing": ("缺少此项。", "This is missing."),
    "extra_forbidden": ("不认识此项，请删去。", "This is not known here; leave it out."),
    "enum": ("只能取文档所列的值。", "Only the values of the document can stand here."),
    "literal_error": ("只能取文档所列的值。", "Only the values of the document can stand here."),
    "json_invalid": ("不是正确的 JSON。", "This is no JSON."),
    "string_too_long": ("文字过长。", "The text is too long."),
    "string_too_short": ("文字过短。", "The text is too short."),
    "string_pattern_mismatch": ("格式不符。", "This does not have the form that the document names."),
    "int_parsing": ("须为整数。", "This has to be a whole number."),
    "int_type": ("须为整数。", "This has to be a whole number."),
    "greater_than_equal": ("数值过小。", "The number is too small."),
    "less_than_equal": ("数值过大。", "The number is too large."),
    "less_than": ("数值过大。", "The number is too large."),
    "cursor": ("不是本接口给出的翻页位置。", "This is no cursor that was given out here."),
}
_OTHER: Final = ("不符合文档所列的格式。", "This does not have the form that the document names.")


class Wired(JSONResponse):
    """JSON in which what no UTF-8 can hold was replaced: sentences may quote what somebody sent."""

    def render(self, content: object) -> bytes:
        """Return the bytes of the body."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class ProblemPart(BaseModel):
    """One thing that is wrong: 一处问题。"""

    code: Annotated[str, Field(description="机器可读的代码 · stable, for programs", examples=["card/overtaken"])]
    at: Annotated[str, Field(description="位置：字段路径或编号 · where: the path of a field, or what it is about")]
    say: Annotated[str, Field(description="说明与改正办法 · what is wrong and what mends it")]


class ProblemDocument(BaseModel):
    """RFC 9457: why nothing was done. 未予办理的原因。"""

    type: Annotated[str, Field(examples=[f"{KIND}card/overtaken"])]
    title: str
    status: int
    detail: Annotated[str, Field(description="全部说明 · every sentence")]
    zh: Annotated[str, Field(description="中文说明")]
    en: Annotated[str, Field(description="the same in English")]
    problems: list[ProblemPart]


def language_of(request: Request, own: Language) -> Language:
    """Return the language that ``lang`` or the header Accept-Language asks for, else the centre's ``own``."""
    wanted = request.query_params.get("lang", "")
    if wanted in {"zh", "en"}:
        return "zh" if wanted == "zh" else "en"
    ranked: list[tuple[float, int, Language]] = []
    for number, part in enumerate(request.headers.get("accept-language", "")[:200].split(",")):
        name, _, weight = part.strip().partition(";q=")
        tongue = name.strip().lower().split("-")[0]
        if tongue in {"zh", "en"}:
            ranked.append((-_weight(weight), number, "zh" if tongue == "zh" else "en"))
    return min(ranked)[2] if ranked else own


def of_verdict(request: Request, own: Language, status: int, verdict: Verdict) -> JSONResponse:
    """Return a refusal of the guard, or of a page that only it can know."""
    return _answer(status, "about:blank", verdict, language_of(request, own))


def of_problems(request: Request, own: Language, problems: Sequence[Problem]) -> JSONResponse:
    """Return everything that stands against what was asked."""
    language = language_of(request, own)
    first = next((each.code for each in problems if each.code in STATUS), problems[0].code if problems else "unknown")
    status = STATUS.get(first, 422)
    if status == 409 and "if-match" in request.headers:
        status = 412
    said = Verdict(False, "".join(p.sentence("zh") for p in problems), " ".join(p.sentence("en") for p in problems))
    parts = [ProblemPart(code=p.code, at=str(p.place), say=p.sentence(language)) for p in problems]
    return _answer(status, KIND + first, said, language, parts)


def of_input(request: Request, own: Language, wrong: RequestValidationError) -> JSONResponse:
    """Return every field that cannot be used, by its path; what was sent is not sent back."""
    language, parts, zh, en = language_of(request, own), [], [], []
    for each in wrong.errors():
        at = "/".join(str(step) for step in each["loc"])[:200]
        said = _SAID.get(each["type"], _OTHER)
        zh.append(f"{at}：{said[0]}")
        en.append(f"{at}: {said[1]}")
        parts.append(ProblemPart(code=f"input/{each['type']}", at=at, say=said[language == "en"]))
    return _answer(422, f"{KIND}input", Verdict(False, "".join(zh), " ".join(en)), language, parts)


def _answer(
    status: int, kind: str, said: Verdict, language: Language, parts: Sequence[ProblemPart] = ()
) -> JSONResponse:
    title = TITLES.get(status, TITLES[422 if status < 500 else 500])[language == "en"]
    document = ProblemDocument(
        type=kind, title=title, status=status, detail=said.why(language), zh=said.zh, en=said.en, problems=list(parts)
    )
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    headers |= {"content-language": language, "vary": "accept-language"}
    return Wired(document.model_dump(), status, headers, MEDIA_TYPE)


def _weight(written: str) -> float:
    try:
        return float(written or 1)
    except ValueError:
        return 0.0
