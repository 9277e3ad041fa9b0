"""The five functions of oversight: a jabatan beside the role, given with care, and what it opens."""

import re

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.accounts import sessions
from app.accounts.gates import COOKIES
from app.accounts.models import Staff
from app.accounts.sessions import STAFF
from app.base.database import db, transaction
from app.base.limits import RateLimitCounter
from app.web.access import PERMISSIONS, SUPERVISOR, holds, is_held_by
from app.web.jabatan import JABATAN, JABATAN_WORDS
from tests.accounts import OFFICE, is_in, staff_sign_in
from tests.browser import Page
from tests.builders import add_staff
from tests.function_table import CLOSED_TO_KEPALA_BIDANG, FUNCTIONS, OF_EVERYBODY
from tests.staff_house import house  # noqa: F401
from tests.test_office_access import METHODS, answers, expected, open_app  # noqa: F401


def place_of(app, username: str) -> tuple[str, str]:
    with app.app_context():
        return tuple(db.session.execute(select(Staff.role, Staff.jabatan).where(Staff.username == username)).one())


def lines_of(text: str) -> set[str]:
    return set(re.findall(r"(?:GET|POST) \S+", text))


def opened(app, jabatan: str) -> set[str]:
    """Every line of the office that lets this function in."""
    def session_of() -> tuple[str, str]:
        with app.app_context(), transaction() as session:
            session.execute(delete(RateLimitCounter))
            staff = session.scalars(select(Staff).where(Staff.jabatan == jabatan)).one()
            return COOKIES[STAFF].name, sessions.start_staff(staff)

    return {line for line, status in answers(app, sorted(staff_lines(app)), session_of).items() if status != 403}


@pytest.mark.parametrize("jabatan", JABATAN)
def test_each_function_opens_its_pages_and_nothing_else(open_app, jabatan):  # noqa: F811
    add_staff(open_app, jabatan, SUPERVISOR, jabatan=jabatan)
    found = opened(open_app, jabatan)
    if jabatan == "kepala_bidang":
        as_supervisor = {line for line, row in expected().items() if row["supervisor"] != 403 and "/petugas" in line}
        assert found == (as_supervisor & staff_lines(open_app)) - lines_of(CLOSED_TO_KEPALA_BIDANG)
        return
    assert found == lines_of(OF_EVERYBODY) | lines_of(FUNCTIONS[jabatan])


@pytest.mark.parametrize("jabatan, page", [
    ("kepala_dinas", "ringkasan"), ("sekretaris", "beban-kerja"), ("kepala_bidang", "bidang"),
    ("analis_kebijakan", "analisis"), ("operator_go", "sistem"),
])
def test_each_function_lands_on_the_page_made_for_it(app, jabatan, page):
    add_staff(app, jabatan, SUPERVISOR, jabatan=jabatan)
    client = app.test_client()
    arrived = client.get(staff_sign_in(client, jabatan).location, headers={"Referer": "http://localhost/petugas/masuk"})
    assert arrived.location == f"/petugas/{page}"
    shown = Page(client.get(arrived.location))
    shown.audit(fragment=False)
    assert JABATAN_WORDS[jabatan] in shown.text


def test_an_operator_go_who_decides_lands_on_his_page_and_works_at_the_desk(app):
    add_staff(app, "yusuf", "operator", jabatan="operator_go")
    client = app.test_client()
    arrived = client.get(staff_sign_in(client, "yusuf").location, headers={"Referer": "http://localhost/petugas/masuk"})
    assert arrived.location == "/petugas/sistem"
    assert client.get("/petugas/").status_code == 200


def staff_lines(app) -> set[str]:
    return {
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in METHODS
        if method in rule.methods and app.view_functions[rule.endpoint].access.kind == "staff"
    }


def test_who_steers_by_figures_reads_no_file_no_complaint_and_no_message():
    personal = {"read_case", "read_complaints", "read_messages", "answer_rights", "read_journal", "take_over"}
    for jabatan in ("kepala_dinas", "sekretaris", "analis_kebijakan", "operator_go"):
        assert not any(is_held_by(SUPERVISOR, jabatan, name) for name in personal)
    assert all(is_held_by(SUPERVISOR, "kepala_bidang", name) for name in personal)


def test_an_operator_who_is_operator_go_keeps_deciding_and_oversees_no_case(app, staff_client):
    client = staff_client("operator", jabatan="operator_go")
    assert client.get("/petugas/pemeriksaan").status_code == 200
    assert client.get("/petugas/jurnal").status_code == 403
    with app.app_context():
        staff = db.session.scalars(select(Staff)).one()
        in_query = {name for name in PERMISSIONS if db.session.scalar(select(Staff.id).where(Staff.who_may(name)))}
    assert in_query == {name for name in PERMISSIONS if holds(staff, name)}
    assert {"decide", "see_operations"} <= in_query and not {"take_over", "oversee_complaints"} & in_query


def test_the_database_refuses_a_jabatan_that_does_not_go_with_the_role(app):
    for role, jabatan in (("petugas", "kepala_dinas"), ("admin", "sekretaris"), ("supervisor", "raja")):
        with pytest.raises(IntegrityError):
            add_staff(app, "salah", role, jabatan=jabatan)


def test_the_command_line_gives_a_jabatan_and_says_which_role_goes_with_it(app):
    run = app.test_cli_runner().invoke
    words = "staff add kadis --role supervisor --jabatan kepala_dinas --name Kadis"
    good = run(args=words.split())
    assert good.exit_code == 0 and place_of(app, "kadis") == ("supervisor", "kepala_dinas")
    bad = run(args=["staff", "add", "lain", "--role", "petugas", "--name", "Bu Lain", "--jabatan", "sekretaris"])
    assert bad.exit_code == 1 and "Sekretaris memakai peran Pengawas" in bad.output


def test_an_administrator_gives_an_operator_the_jabatan_of_operator_go_alone(house):  # noqa: F811
    assert house.asks(act="peran", role="operator", jabatan="sekretaris").status_code == 422
    assert house.asks(act="peran", role="operator", jabatan="operator_go").status_code == 303
    assert place_of(house.app, "rina") == ("operator", "operator_go")
    assert not is_in(house.rina, OFFICE)
    house.signs_in("rina")
    assert "Operator GO Online, Operator" in Page(house.rina.get("/petugas/hak")).text


def test_who_becomes_an_overseer_or_one_with_more_rights_is_agreed_to_by_a_supervisor(house, time):  # noqa: F811
    house.asks(act="peran", role="supervisor", jabatan="analis_kebijakan")
    assert place_of(house.app, "rina") == ("operator", "")
    house.decides()
    assert place_of(house.app, "rina") == ("supervisor", "analis_kebijakan")
    house.signs_in("rina")
    assert house.rina.get("/petugas/jurnal").status_code == 403

    time.moves(minutes=1)
    house.asks(act="peran", role="supervisor", jabatan="kepala_bidang")
    assert place_of(house.app, "rina") == ("supervisor", "analis_kebijakan")
    house.decides()
    assert place_of(house.app, "rina") == ("supervisor", "kepala_bidang")


def test_an_administrator_alone_may_narrow_what_a_supervisor_opens(house):  # noqa: F811
    house.joins("pengawas2", "supervisor")
    house.ids["rina"] = house.ids["pengawas2"]
    house.asks(act="peran", role="supervisor", jabatan="kepala_dinas")
    assert place_of(house.app, "pengawas2") == ("supervisor", "kepala_dinas")
