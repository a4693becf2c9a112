from __future__ import annotations

from channels.web.session import WebSessions, stated


def test_an_issued_identity_is_read_back() -> None:
    sessions = WebSessions(b"k" * 32)
    cookie = sessions.issue()
    identity = sessions.read(cookie)
    assert identity is not None
    assert cookie.startswith(identity)
    assert sessions.issue() != cookie


def test_what_we_did_not_issue_is_nobody() -> None:
    sessions = WebSessions(b"k" * 32)
    cookie = sessions.issue()
    for forged in (None, "", ".", "web-0.0", cookie[:-1], WebSessions(b"l" * 32).issue()):
        assert sessions.read(forged) is None


def test_a_stated_sender_can_never_be_a_cookies_identity() -> None:
    sessions = WebSessions(b"k" * 32)
    identity = sessions.read(sessions.issue())
    assert identity is not None
    assert stated(identity) != identity
    assert stated("a") != stated("b")
    assert not stated(identity).startswith("web-")
