"""Every rule and method as every kind of visitor, against the table (docs/security.md Z1)."""

import re
from collections.abc import Callable, Iterable
from functools import partial

import pytest
from sqlalchemy import delete

from app.accounts import sessions
from app.accounts.gates import COOKIES
from app.accounts.models import Citizen, Staff
from app.accounts.sessions import CITIZEN, STAFF
from app.base.database import transaction
from app.base.limits import RateLimitCounter
from app.web.access import PERMISSIONS, ROLES
from tests.access_table import KINDS, TABLE
from tests.accounts import an_account
from tests.builders import add_staff

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")  # HEAD is GET without a body, OPTIONS only names methods
ABSENT = "0f" * 16


def expected() -> dict[str, dict[str, int]]:
    """ "GET /petugas/" -> {kind of visitor: status}."""
    table = {}
    for line in TABLE.strip().splitlines():
        rule, statuses = re.fullmatch(r"(\S+ \S+)((?: +\d{3})+)", line.strip()).groups()
        assert rule not in table, f"{rule} stands twice in tests/access_table.py"
        table[rule] = dict(zip(KINDS, map(int, statuses.split()), strict=True))
    return table


def rules(app) -> list[str]:
    return sorted(
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in METHODS if method in rule.methods
    )


def address_of(rule: str) -> str:
    """The rule with the first choice, or an id that looks right and belongs to nothing."""
    path = rule.split(" ", 1)[1]
    path = re.sub(r"<any\('?([^',)]+)[^>]*>", r"\1", path)
    return re.sub(r"<[^>]*token>", "T" * 43, re.sub(r"<\w+_id>", ABSENT, path))


@pytest.fixture
def open_app(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def cookie_for(open_app):
    """cookie_for('operator') -> (name, value) of a session of its own, or None for a guest."""
    citizen_id = an_account(open_app)
    people = {role: add_staff(open_app, role, role) for role in ROLES}

    def make(kind: str):
        with open_app.app_context(), transaction() as session:
            session.execute(delete(RateLimitCounter))  # this test is about rights, not about how often
            if kind == "guest":
                return None
            if kind == "citizen":
                return COOKIES[CITIZEN].name, sessions.start_citizen(session.get_one(Citizen, citizen_id))
            return COOKIES[STAFF].name, sessions.start_staff(session.get_one(Staff, people[kind]))

    return make


def answers(app, lines: Iterable[str], session_of: Callable[[], tuple[str, str] | None]) -> dict[str, int]:
    """Reading in one session. Each form in a browser of its own, and in a session of its own after one that was let
    in, because some of them end or lock the session."""
    found, reading, acting = {}, session_of(), session_of()
    for line in lines:
        method = line.split(" ", 1)[0]
        client, cookie = app.test_client(), reading if method == "GET" else acting
        if cookie:
            client.set_cookie(*cookie)
        found[line] = client.open(address_of(line), method=method).status_code
        if method != "GET" and found[line] != 403:
            acting = session_of()
    return found


def test_every_rule_and_method_stands_in_the_table_and_nothing_else_does(app):
    there, written = set(rules(app)), set(expected())
    assert sorted(there - written) == [], "say in tests/access_table.py who may call these, then look whether it holds"
    assert sorted(written - there) == [], "these are gone: take them out of tests/access_table.py"


def test_every_visitor_gets_exactly_what_the_table_says(open_app, cookie_for):
    table = expected()
    wrong = [
        f"{kind}: {rule}: the table says {table[rule][kind]}, the app {status}"
        for kind in KINDS for rule, status in answers(open_app, rules(open_app), partial(cookie_for, kind)).items()
        if rule in table and table[rule][kind] != status
    ]
    assert wrong == []


def test_the_table_agrees_with_the_permissions(app):
    """Who lacks the permission gets 403 from every page of it, who holds it never does, strangers sign in first."""
    table = expected()
    for rule in app.url_map.iter_rules():
        access = app.view_functions[rule.endpoint].access
        for line in (f"{method} {rule.rule}" for method in METHODS if method in rule.methods):
            if access.kind == "staff" and line in table:
                refused = {role for role in ROLES if table[line][role] == 403}
                assert refused == set(ROLES) - PERMISSIONS[access.permission], line
                assert table[line]["guest"] == table[line]["citizen"] == 303, line


def test_an_administrator_never_reaches_a_case_nor_a_message_about_one():
    for line, row in expected().items():
        if re.search("/petugas/(pendaftaran|permintaan|pengaduan|telepon|pesan/(?!saluran))", line):
            assert row["admin"] == 403, line
