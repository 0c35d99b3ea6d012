"""What the ledger promises of accounts, sessions, tokens, links and the audit chain of acts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import Ledger, views
from ledger.sessions import Handshake
from rules.problems import UserError

AT = 1_800_000_000


class AccountsContract:
    """Secrets are kept hashed, each chance counts once, and what people did cannot be rewritten."""

    def test_an_account_is_added_once_and_changed_by_grant(self, ledger: Ledger) -> None:
        accounts = ledger.accounts
        made = accounts.add("a", "甲", ["leader"], AT, units=["u2", "u1"], identity="idp|1")
        assert (made.roles, made.units, made.locked) == (("leader",), ("u1", "u2"), False)
        with pytest.raises(UserError, match="already an account"):
            accounts.add("a", "乙", ["leader"], AT)
        accounts.grant("a", "乙", ["inspector"], regions=["north"])
        found = accounts.find("a")
        assert found is not None
        assert (found.name, found.roles, found.units, found.regions) == ("乙", ("inspector",), (), ("north",))
        assert accounts.of_identity("idp|1") == found
        assert (accounts.find("b"), accounts.of_identity("idp|2")) == (None, None)

    def test_each_try_counts_once_however_many_come_at_the_same_time(self, ledger: Ledger) -> None:
        with ThreadPoolExecutor(8) as crowd:
            waits = list(crowd.map(lambda _: ledger.accounts.attempt("a", AT, 5, 30, 3_600), range(12)))
        assert sorted(waits) == [0] * 5 + [30] * 7
        assert ledger.accounts.attempt("a", AT + 30, 5, 30, 3_600) == 0
        assert ledger.accounts.attempt("a", AT + 31, 5, 30, 3_600) == 59
        ledger.accounts.forgive("a")
        assert ledger.accounts.failures("a", AT + 31).count == 0

    def test_a_session_is_found_by_its_secret_until_it_ends(self, ledger: Ledger) -> None:
        sessions = ledger.accounts.sessions
        secret, other = sessions.begin("a", AT), sessions.begin("a", AT)
        found = sessions.find(secret, AT + 9, 10, 100)
        assert found is not None
        assert sessions.find(secret, AT + 10, 10, 100) is None
        sessions.touch(found, AT + 40)
        assert sessions.find(secret, AT + 49, 10, 100) is not None
        assert sessions.find(secret, AT + 100, 1_000, 100) is None
        sessions.end(found)
        assert [sessions.find(each, AT + 1, 10, 100) is None for each in (secret, other)] == [True, False]
        sessions.end_all("a")
        assert sessions.of("a") == ()

    def test_a_link_a_code_a_step_and_a_handshake_are_used_once(self, ledger: Ledger) -> None:
        accounts = ledger.accounts
        accounts.add("a", "甲", ["leader"], AT)
        link = accounts.sessions.new_link("a", AT, "just_sign_in", 60)
        with ThreadPoolExecutor(4) as crowd:
            used = list(crowd.map(lambda _: accounts.sessions.use_link(link, AT + 59), range(4)))
        assert sorted(each is None for each in used) == [False, True, True, True]
        assert accounts.sessions.use_link(accounts.sessions.new_link("a", AT, "x", 60), AT + 60) is None

        accounts.set_totp("a", "SECRET", 7, ["one", "two"])
        assert [accounts.use_step("a", step) for step in (7, 8, 8, 6)] == [False, True, False, False]
        assert [accounts.use_recovery_code("a", code, AT) for code in ("one", "one", "three")] == [True, False, False]
        assert accounts.recovery_codes_left("a") == 1

        accounts.sessions.shake("state", Handshake(nonce="n", verifier="v", goal="/"), AT)
        assert accounts.sessions.shaken("state", AT + 601) is None
        assert accounts.sessions.shaken("state", AT) == Handshake(nonce="n", verifier="v", goal="/")
        assert accounts.sessions.shaken("state", AT) is None

    def test_a_token_holds_until_its_day_or_until_it_is_revoked(self, ledger: Ledger) -> None:
        tokens = ledger.accounts.tokens
        whole = tokens.create("a", "x", ["view_board"], AT, 60)
        found = tokens.find(whole, AT + 59)
        assert found is not None
        assert (found.account, found.acts) == ("a", ("view_board",))
        assert [tokens.find(each, AT) for each in (whole + "x", "mdt_" + found.token, "", "mdt__")] == [None] * 4
        assert tokens.find(whole, AT + 60) is None
        tokens.touch(found, AT + 5)
        assert [each.used_at for each in tokens.of("a")] == [AT + 5]
        assert [tokens.revoke(who, found.token, AT) for who in ("b", "a", "a")] == [False, True, False]
        assert tokens.find(whole, AT) is None

    def test_what_people_did_is_chained_and_read_page_by_page(self, ledger: Ledger) -> None:
        with ThreadPoolExecutor(4) as crowd:
            list(crowd.map(lambda n: ledger.note_act(AT, who=f"p{n % 2}", act="a", target="t\x00"), range(9)))
        assert ledger.verify() == ()
        pages = [views.acts(ledger, limit=4)]
        while pages[-1]:
            pages.append(views.acts(ledger, before=pages[-1][-1].position, limit=4))
        assert [line.position for page in pages for line in page] == list(range(9, 0, -1))
        assert len(views.acts(ledger, who="p0", target="t\ufffd")) == 5
        with ledger.store.writing() as connection:
            connection.exec_driver_sql("update acts set who = 'p9' where position = 4")
        (problem,) = ledger.verify()
        assert (problem.code, problem.place.line) == ("chain/altered", 4)

    def test_only_what_lies_within_is_seen(self, ledger: Ledger) -> None:
        for within in (views.Within(frozenset({"market"})), views.Within(frozenset()), views.ALL):
            assert views.units(ledger, within) == ()
            assert views.latest_cards(ledger, 5, within) == ()
        assert views.Within(frozenset({""})).holds("") is False
