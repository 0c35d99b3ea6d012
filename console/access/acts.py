"""Every verb that a page or the API may ask for, with its label; the matrix in ``roles`` says who may ask."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rules.problems import Language


class Act(StrEnum):
    """A verb; its value is the word that tokens and the audit chain use."""

    VIEW_BOARD = "view_board"
    VIEW_CASE = "view_case"
    VIEW_CARDS = "view_cards"
    VIEW_CARD = "view_card"
    VIEW_WILL_BREACH = "view_will_breach"
    VIEW_UNIT = "view_unit"
    VIEW_OFFICER = "view_officer"
    SEARCH = "search"
    SAVE_VIEW = "save_view"
    EXPORT = "export"
    SIGN_CARD = "sign_card"
    EXPLAIN_CARD = "explain_card"
    APPEAL_CARD = "appeal_card"
    RECTIFY_CARD = "rectify_card"
    ATTACH = "attach"
    ISSUE_CARD = "issue_card"
    CONFIRM_CARD = "confirm_card"
    DECIDE_APPEAL = "decide_appeal"
    RETURN_CARD = "return_card"
    ESCALATE_CARD = "escalate_card"
    REVOKE_CARD = "revoke_card"
    VERIFY_CARD = "verify_card"
    CLOSE_CARD = "close_card"
    REOPEN_CARD = "reopen_card"
    RECORD_CONSEQUENCE = "record_consequence"
    ASSIGN_CARD = "assign_card"
    URGE_CARD = "urge_card"
    BULK = "bulk"
    MAKE_DOCUMENT = "make_document"
    VIEW_DOCUMENT = "view_document"
    VIEW_RULES = "view_rules"
    EDIT_RULE = "edit_rule"
    PROPOSE_LAW = "propose_law"
    APPROVE_LAW = "approve_law"
    VIEW_CALENDAR = "view_calendar"
    EDIT_CALENDAR = "edit_calendar"
    VIEW_ITEMS = "view_items"
    EDIT_ITEMS = "edit_items"
    VIEW_SOURCES = "view_sources"
    VIEW_QUARANTINE = "view_quarantine"
    MEND_QUARANTINE = "mend_quarantine"
    VIEW_ROUTES = "view_routes"
    EDIT_ROUTES = "edit_routes"
    VIEW_DIRECTORY = "view_directory"
    EDIT_DIRECTORY = "edit_directory"
    VIEW_DELIVERIES = "view_deliveries"
    MANAGE_ACCOUNTS = "manage_accounts"
    OWN_ACCOUNT = "own_account"
    VIEW_AUDIT = "view_audit"
    VIEW_METRICS = "view_metrics"
    VIEW_SCREEN = "view_screen"
    VIEW_REPORTS = "view_reports"
    READ_PERSONAL_DATA = "read_personal_data"


ACT_LABELS: Final[Mapping[Act, tuple[str, str]]] = {
    Act.VIEW_BOARD: ("查看总览", "see the board"),
    Act.VIEW_CASE: ("查看办件", "see a case"),
    Act.VIEW_CARDS: ("查看牌列表", "see the list of cards"),
    Act.VIEW_CARD: ("查看牌", "see a card"),
    Act.VIEW_WILL_BREACH: ("查看将超时办件", "see what will breach"),
    Act.VIEW_UNIT: ("查看单位", "see a unit"),
    Act.VIEW_OFFICER: ("查看承办人", "see an officer"),
    Act.SEARCH: ("检索", "search"),
    Act.SAVE_VIEW: ("保存视图", "save a view"),
    Act.EXPORT: ("导出", "export"),
    Act.SIGN_CARD: ("签收", "sign for a card"),
    Act.EXPLAIN_CARD: ("说明情况", "explain a card"),
    Act.APPEAL_CARD: ("申诉", "appeal against a card"),
    Act.RECTIFY_CARD: ("报送整改", "report a rectification"),
    Act.ATTACH: ("上传附件", "attach a file"),
    Act.ISSUE_CARD: ("人工发牌", "issue a card by hand"),
    Act.CONFIRM_CARD: ("确认发牌", "confirm a card"),
    Act.DECIDE_APPEAL: ("申诉裁定", "decide an appeal"),
    Act.RETURN_CARD: ("退回", "return a card"),
    Act.ESCALATE_CARD: ("升级", "escalate a card"),
    Act.REVOKE_CARD: ("撤销牌", "revoke a card"),
    Act.VERIFY_CARD: ("复核整改", "verify a rectification"),
    Act.CLOSE_CARD: ("销号", "close a card"),
    Act.REOPEN_CARD: ("重新启动", "re-open a card"),
    Act.RECORD_CONSEQUENCE: ("登记问责兑现", "record a consequence"),
    Act.ASSIGN_CARD: ("分派", "assign a card"),
    Act.URGE_CARD: ("催办", "urge"),
    Act.BULK: ("批量处理", "act in bulk"),
    Act.MAKE_DOCUMENT: ("制作文书", "make a document"),
    Act.VIEW_DOCUMENT: ("查看文书", "see a document"),
    Act.VIEW_RULES: ("查看规则", "see the rules"),
    Act.EDIT_RULE: ("编写规则", "write a rule"),
    Act.PROPOSE_LAW: ("提请发布规则", "propose a publication"),
    Act.APPROVE_LAW: ("批准发布规则", "approve a publication"),
    Act.VIEW_CALENDAR: ("查看日历", "see the calendar"),
    Act.EDIT_CALENDAR: ("维护日历", "edit the calendar"),
    Act.VIEW_ITEMS: ("查看事项目录", "see the catalogue"),
    Act.EDIT_ITEMS: ("维护事项目录", "edit the catalogue"),
    Act.VIEW_SOURCES: ("查看数据源", "see the sources"),
    Act.VIEW_QUARANTINE: ("查看隔离行", "see rows put aside"),
    Act.MEND_QUARANTINE: ("修正映射并重放", "mend a mapping and replay"),
    Act.VIEW_ROUTES: ("查看通知路由", "see the routes"),
    Act.EDIT_ROUTES: ("维护通知路由", "edit the routes"),
    Act.VIEW_DIRECTORY: ("查看机构人员", "see the directory"),
    Act.EDIT_DIRECTORY: ("维护机构人员", "edit the directory"),
    Act.VIEW_DELIVERIES: ("查看送达", "see deliveries"),
    Act.MANAGE_ACCOUNTS: ("管理账号", "manage accounts"),
    Act.OWN_ACCOUNT: ("管理本人账号", "keep one's own account"),
    Act.VIEW_AUDIT: ("查看审计", "see the audit chain"),
    Act.VIEW_METRICS: ("读取指标", "read the figures"),
    Act.VIEW_SCREEN: ("查看大屏", "see the big screen"),
    Act.VIEW_REPORTS: ("查看月度情况", "see the monthly picture"),
    Act.READ_PERSONAL_DATA: ("查看个人信息", "read personal data"),
}

BESIDES: Final[Mapping[str, tuple[str, str]]] = {
    "signed_in": ("登录", "signed in"),
    "sign_in_failed": ("登录失败", "failed to sign in"),
    "second_factor_failed": ("二次验证失败", "failed the second factor"),
    "second_factor_set": ("启用二次验证", "set up a second factor"),
    "second_factor_removed": ("停用二次验证", "switched the second factor off"),
    "password_changed": ("修改密码", "changed the password"),
    "token_created": ("新建令牌", "made a token"),
    "token_revoked": ("吊销令牌", "ended a token"),
    "sessions_ended": ("结束登录", "ended the sign-ins of an account"),
    "link_made": ("生成登录链接", "made a sign-in link"),
    "account_added": ("新增账号", "added an account"),
    "account_changed": ("变更账号", "changed an account"),
    "account_locked": ("锁定账号", "locked an account"),
    "account_unlocked": ("解锁账号", "unlocked an account"),
    "account_reset": ("重置账号", "reset an account"),
}
"""What the audit chain holds besides: what happens at the gate and at the command line."""

PERSONAL: Final = frozenset(
    {
        Act.VIEW_CASE, Act.VIEW_CARD, Act.VIEW_OFFICER, Act.VIEW_DIRECTORY, Act.VIEW_DOCUMENT, Act.VIEW_QUARANTINE,
        Act.VIEW_DELIVERIES, Act.EXPORT, Act.SEARCH, Act.READ_PERSONAL_DATA, Act.MANAGE_ACCOUNTS, Act.VIEW_AUDIT,
    }
)  # fmt: skip
"""What shows persons: also looking at it is written into the audit chain."""

FACTS: Final = frozenset({Act.MEND_QUARANTINE, Act.EDIT_ITEMS, Act.EDIT_CALENDAR, Act.EDIT_RULE, Act.EDIT_DIRECTORY})
"""What changes the facts or the law that cases are judged by."""


def act_label(act: Act, language: Language) -> str:
    """Return how an act is called."""
    zh, en = ACT_LABELS[act]
    return zh if language == "zh" else en


def noted_label(act: str, language: Language) -> str:
    """Return how an act of the audit chain is called; one that this version does not know is its own label."""
    if act in set(Act):
        return act_label(Act(act), language)
    zh, en = BESIDES.get(act, (act, act))
    return zh if language == "zh" else en
