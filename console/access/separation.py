"""What one person may not do after having done something else to the same thing (不相容职责分离)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from console.access.acts import Act, act_label
from console.access.roles import YES, Verdict

APART: Final[Mapping[Act, frozenset[Act]]] = {
    Act.DECIDE_APPEAL: frozenset({Act.ISSUE_CARD, Act.CONFIRM_CARD, Act.APPEAL_CARD, Act.EXPLAIN_CARD}),
    Act.REVOKE_CARD: frozenset({Act.ISSUE_CARD, Act.CONFIRM_CARD}),
    Act.VERIFY_CARD: frozenset({Act.RECTIFY_CARD, Act.DECIDE_APPEAL}),
    Act.APPROVE_LAW: frozenset({Act.EDIT_RULE, Act.PROPOSE_LAW}),
}
"""For an act, the acts whose doers are excluded from it: who issued cannot decide the appeal, who rectified cannot
verify (nor who decided: a third does), who wrote a rule cannot publish it."""


def separated(act: Act, account: str, done: Mapping[Act, Collection[str]]) -> Verdict:
    """Say whether ``account`` may do ``act``, given who did what to the same card or rule before."""
    for earlier in sorted(APART.get(act, frozenset())):
        if account in done.get(earlier, ()):
            return Verdict(
                False,
                f"您已对此办理过“{act_label(earlier, 'zh')}”，须由另一人{act_label(act, 'zh')}。",
                f"You did “{act_label(earlier, 'en')}” here; another person has to {act_label(act, 'en')}.",
            )
    return YES
