"""The words of the pages themselves; words of the field stand in the glossary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.access.words import ACCESS_WORDS
from console.admin_words import ADMIN_WORDS
from console.casework_words import CASEWORK_WORDS
from console.daily_words import DAILY_WORDS
from console.document_words import DOCUMENT_WORDS
from rules.problems import Language

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("明灯", "Mingdeng"),
    "subtitle": ("政务服务电子监察", "electronic supervision of government services"),
    "as_of": ("截至", "as of"),
    "other_language": ("English", "中文"),
    "skip": ("跳到内容", "Skip to content"),
    "units": ("单位灯", "Lights by unit"),
    "unit": ("单位", "Unit"),
    "no_unit": ("（未注明单位）", "(unit not stated)"),
    "running_cases": ("在办件", "running cases"),
    "open": ("在办", "running"),
    "suspended": ("暂停计时", "suspended"),
    "open_cards": ("未止牌", "open cards"),
    "no_units": (
        "还没有在办件。数据源采集后，这里按单位亮灯。",
        "No running case yet. Lights appear here once sources are read.",
    ),
    "cards": ("最近发牌", "Latest cards"),
    "no_cards": ("还没有发牌。", "No card yet."),
    "raised": ("认定", "since"),
    "sources": ("数据源", "Sources"),
    "no_sources": ("还没有采集过任何数据源。", "No source has been read yet."),
    "last_event": ("最近事件", "latest event"),
    "last_success": ("最近采集", "last read"),
    "failing_since": ("中断始于", "failing since"),
    "quarantined": ("隔离行", "rows put aside"),
    "coverage": ("监督覆盖", "Coverage"),
    "coverage_units": ("各单位有数据的监督点", "Points with data, by unit"),
    "coverage_says": (
        "有数据的监察点 / 全部监察点。没有数据的监察点不作判断：没有亮灯不等于没有问题。",
        "Supervision points with data, of all. A point without data says nothing: no light does not mean no fault.",
    ),
    "coverage_events": ("所依据的最近事件数：", "Judged by the newest events:"),
    "coverage_no_case": ("没有数据源报送此类案件", "no source reports such cases"),
    "coverage_lacks": ("缺少的数据", "data that is missing"),
    "coverage_wakes": ("报送后可监察：", "would wake"),
    "source_ok": ("正常", "in order"),
    "source_failing": ("中断", "failing"),
    "never": ("尚无", "never"),
    "waiting": ("待研判", "waiting to be judged"),
    "back": ("返回总览", "Back to the board"),
    "case": ("案件", "Case"),
    "item": ("事项", "Item"),
    "person": ("承办人", "Handler"),
    "state": ("状态", "State"),
    "because": ("原因", "Because"),
    "next_look": ("下次研判", "looked at again"),
    "clocks": ("时钟", "Clocks"),
    "clock": ("时钟", "Clock"),
    "limit": ("时限", "Limit"),
    "started": ("开始", "Started"),
    "due": ("到期", "Due"),
    "stopped": ("停止", "Stopped"),
    "used": ("已用", "Used"),
    "left": ("剩余", "Left"),
    "over": ("已超时", "over"),
    "in_time": ("未超时", "in time"),
    "no_clocks": ("没有适用的时钟。", "No clock applies."),
    "events": ("经过", "What happened"),
    "source": ("来源", "source"),
    "received": ("接收", "received"),
    "superseded": ("已被新版本取代", "replaced by a later version"),
    "withdrawn": ("来源已撤回", "withdrawn by the source"),
    "case_cards": ("牌", "Cards"),
    "deliveries": ("通知", "Messages"),
    "no_deliveries": ("没有通知。", "No message."),
    "attempts": ("次尝试", "attempts"),
    "possible_repeat": ("可能重复", "possible repeat"),
    "stands_in": ("代替未送达的另一渠道", "instead of another channel that failed"),
    "explanation": ("研判说明", "Why this light"),
    "no_explanation": ("暂时无法给出说明。", "No explanation can be given just now."),
    "not_judged": ("尚未研判", "not judged yet"),
    "not_found": ("没有这一页", "There is no such page"),
    "not_found_text": ("地址有误，或台账中没有该案件。", "The address is wrong, or the ledger knows no such case."),
    "failed": ("页面出错", "This page failed"),
    "failed_text": ("程序故障，详见日志。", "A fault in the program; the log has the report."),
    "finished": ("已办结", "finished"),
    "waiting_state": ("待发送", "waiting"),
    "sending": ("发送中", "being sent"),
    "digest": ("待汇总发送", "waits for a digest"),
    "bundled": ("已并入汇总", "put into a digest"),
    "held_note": (
        "数据源“{source}”静默，本案件有新牌暂缓发出；数据源恢复后将重新研判，届时仍成立的自动发出。",
        "The source '{source}' is silent, so new cards of this case wait; once it speaks again the case is judged anew, and what is still true is issued by itself.",
    ),
    "retry": ("待重发", "to be tried again"),
    "delivered": ("已送达", "delivered"),
    "failed_state": ("未能送达", "not delivered"),
    "revoked": ("已撤销", "revoked"),
    "ended": ("情形已止", "condition ended"),
    "moments": ("刚刚", "just now"),
    **ACCESS_WORDS,
    **CASEWORK_WORDS,
    **DAILY_WORDS,
    **ADMIN_WORDS,
    **DOCUMENT_WORDS,
}


def word(key: str, language: Language) -> str:
    """Return a word of the pages."""
    zh, en = WORDS[key]
    return zh if language == "zh" else en
