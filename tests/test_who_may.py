"""Who may work on which registration, who may decide alone on which day, and what a jabatan adds or takes away."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import request
from sqlalchemy import select

from app.accounts.models import Staff
from app.base import clock, ids, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected
from app.casework import notes
from app.registration.models import Application, StatusChange
from app.review import rights
from app.review.models import ALONE, SecondLook
from app.web import access
from app.web.access import PERMISSIONS, ROLES, Access, gains, is_held_by
from app.web.jabatan import JABATAN
from tests.builders import RESIDENT, add_staff
from tests.desk import a_case, nik_of

KK = RESIDENT["kk_number"]
OTHER_KK = KK[:-4] + "0999"


class Office:
    """Two cases and two operators, asked about in a new session each time, as by another page."""

    def __init__(self, app):
        self.app = app
        self.ids = [a_case(app, 1), a_case(app, 2, kk_number=OTHER_KK)]
        self.staff = {name: add_staff(app, name, "operator") for name in ("bayu", "dewi")}

    def person(self, name: str) -> Staff:
        db.session.remove()
        return db.session.get(Staff, self.staff[name])

    def case(self, number: int = 0) -> Application:
        return db.session.get(Application, self.ids[number])

    def bar(self, name: str, number: int = 0) -> str | None:
        person = self.person(name)
        return rights.bar_to(self.case(number), person)

    def listed(self, name: str, condition) -> list[int]:
        """Which of the two a list shows to this person."""
        db.session.remove()
        found = set(db.session.scalars(select(Application.id).where(condition(self.staff[name]))))
        return [number for number, case_id in enumerate(self.ids) if case_id in found]

    def change(self, number: int = 0, **columns) -> None:
        with transaction():
            for name, value in columns.items():
                setattr(self.case(number), name, value)


@pytest.fixture
def office(app, time):
    office = Office(app)
    with app.app_context():
        yield office


def test_nobody_works_on_his_own_registration_nor_on_that_of_his_family(office):
    rights.save_kin(office.staff["bayu"], {"nik": nik_of(2), "kk_number": KK})
    assert office.bar("bayu", 1) == rights.OWN, "by the NIK, although in another KK"
    assert office.bar("bayu", 0) == rights.OWN_KK
    assert office.bar("dewi", 0) is office.bar("dewi", 1) is None
    assert office.listed("bayu", rights.not_of_kin) == [] and office.listed("dewi", rights.not_of_kin) == [0, 1]
    assert not rights.works_on(office.case(), office.person("bayu"))
    assert rights.works_on(office.case(), office.person("dewi"))
    rights.save_kin(office.staff["bayu"], {"nik": nik_of(3), "kk_number": OTHER_KK})  # typed wrongly before
    assert (office.bar("bayu", 0), office.bar("bayu", 1)) == (None, rights.OWN_KK)
    assert office.listed("bayu", rights.not_of_kin) == [0]
    lines = journal.lines_about("staff", office.staff["bayu"])
    assert [(line.action, line.actor_id) for line in lines] == [("staff_kin_saved", office.staff["bayu"])] * 2


@pytest.mark.parametrize(("typed", "wrong"), [
    ({"nik": "357", "kk_number": KK}, {"nik"}), ({"nik": nik_of(2), "kk_number": ""}, {"kk_number"}),
    ({}, {"nik", "kk_number"}),
])
def test_a_number_that_cannot_be_is_said_beside_its_field_and_nothing_is_kept(office, typed, wrong):
    with pytest.raises(FormRejected) as refused:
        rights.save_kin(office.staff["bayu"], typed)
    assert refused.value.errors.keys() == wrong
    assert office.person("bayu") and rights.kin_of(office.staff["bayu"]) is None


def test_who_filed_it_at_the_counter_leaves_it_to_others(office):
    office.change(filed_by=office.staff["bayu"])
    assert (office.bar("bayu"), office.bar("dewi")) == (rights.OWN_FILING, None)


def test_what_waits_to_be_looked_at_is_looked_at_first(office):
    office.change(to_look=True)
    assert (office.bar("bayu"), office.bar("bayu", 1)) == (rights.LOOK_FIRST, None)


def test_who_declared_it_complete_leaves_the_decision_to_others_but_on_an_opened_day(office, time):
    office.change(declared_complete_by=office.staff["bayu"])
    assert office.bar("bayu") is None, "sent again after that: it is declared anew"
    assert office.listed("bayu", rights.not_decided_twice) == [0, 1]
    office.change(status="complete")
    assert (office.bar("bayu"), office.bar("dewi")) == (rights.OTHER_PERSON, None)
    assert office.listed("bayu", rights.not_decided_twice) == [1]
    assert office.listed("dewi", rights.not_decided_twice) == [0, 1]
    rights.open_day(clock.today().isoformat(), "Yang lain sakit.", office.person("dewi"))
    assert office.bar("bayu") is None and office.listed("bayu", rights.not_decided_twice) == [0, 1]
    time.moves(days=1)
    assert office.bar("bayu") == rights.OTHER_PERSON and office.listed("bayu", rights.not_decided_twice) == [1]


def test_who_asked_for_a_second_person_waits_until_it_is_sent_again(office):
    def last_sending(number: int) -> int:
        of_this = StatusChange.application_id == office.ids[number]
        return db.session.scalar(select(StatusChange.id).where(of_this, StatusChange.act.in_(("submit", "resubmit"))))

    with transaction() as session:
        change = last_sending(0)
        session.add(SecondLook(application_id=office.ids[0], change_id=change, asked_by=office.staff["bayu"]))
    assert office.bar("bayu") == rights.ASKED
    assert office.bar("dewi") is office.bar("bayu", 1) is None
    with transaction() as session:
        session.add(StatusChange(
            application_id=office.ids[0], act="resubmit", from_status="returned", to_status="submitted",
            actor_kind="citizen",
        ))
    assert office.bar("bayu") is None


def test_the_states_in_which_somebody_has_work_follow_from_what_he_may():
    def work_of(role: str) -> tuple[str, ...]:
        return rights.work_open_to(SimpleNamespace(role=role, jabatan=""))

    assert work_of("operator") == ("submitted", "complete") and work_of("petugas") == ("submitted",)
    assert work_of("supervisor") == work_of("admin") == ()


@pytest.mark.parametrize(("days", "reason", "wrong"), [
    (0, "Sakit.", set()), (31, "Sakit.", set()), (32, "Sakit.", {"day"}), (-1, "Sakit.", {"day"}), (0, "", {"reason"}),
    (None, "Sakit.", {"day"}), (None, "", {"day", "reason"}),
])
def test_a_day_with_one_person_is_opened_for_today_or_the_next_month_with_a_reason(office, days, reason, wrong):
    text = "besok" if days is None else (clock.today() + timedelta(days=days)).isoformat()
    dewi = office.person("dewi")
    if not wrong:
        assert rights.open_day(text, reason, dewi).isoformat() == text
        opened, = rights.opened_days()
        assert (opened.day.isoformat(), opened.by, opened.reason) == (text, dewi.name, reason)
        line, = journal.lines_about("staff", dewi.id)
        assert line.action == "one_person_day_opened" and text in line.detail
    else:
        with pytest.raises(FormRejected) as refused:
            rights.open_day(text, reason, dewi)
        assert refused.value.errors.keys() == wrong
        assert rights.opened_days() == [] and journal.lines_about("staff", dewi.id) == []


def test_a_day_is_opened_once(office):
    today = clock.today().isoformat()
    rights.open_day(today, "Sakit.", office.person("dewi"))
    with pytest.raises(FormRejected) as refused:
        rights.open_day(today, "Sakit lagi.", office.person("bayu"))
    assert refused.value.errors == {"day": ["Hari ini sudah dibuka."]}
    assert [one.reason for one in rights.opened_days()] == ["Sakit."]


def test_decisions_of_one_person_are_read_with_their_reasons_and_counted_for_a_week(office, time):
    for number, (name, kind, words) in enumerate((("bayu", ALONE, "Sendiri."), ("dewi", "not_double", "Bukan ganda."))):
        with transaction():
            notes.add_note(("application", office.ids[number]), kind, words, office.staff[name])
    use, = rights.uses()
    bayu = office.person("bayu")
    assert (use.application_id, use.number, use.by, use.reason) == (
        office.ids[0], office.case().number, bayu.name, "Sendiri.",
    )
    assert use.at == clock.now() and rights.count_recent_alone() == 1
    time.moves(days=7, seconds=-1)
    assert rights.count_recent_alone() == 1
    time.moves(seconds=1)
    assert rights.count_recent_alone() == 0


# What a jabatan makes of a role: all of the supervisor's rights but five, only its own, or its own besides.

FIGURES = {"kepala_dinas": "see_summary", "sekretaris": "see_workload", "analis_kebijakan": "see_analysis",
           "operator_go": "see_operations"}


def test_a_jabatan_narrows_a_supervisor_and_widens_everybody_else():
    for name in PERMISSIONS:
        for role in ROLES:
            assert is_held_by(role, "", name) is (role in PERMISSIONS[name])
    left_to_others = {*FIGURES.values(), "sign_evaluation"}
    assert {name for name in PERMISSIONS if is_held_by("supervisor", "kepala_bidang", name)} == {
        name for name, roles in PERMISSIONS.items() if "supervisor" in roles and name not in left_to_others
    }
    for jabatan, page in FIGURES.items():
        assert is_held_by("supervisor", jabatan, page) and not is_held_by("supervisor", jabatan, "take_over")
        assert not is_held_by("supervisor", jabatan, "read_case")
    assert is_held_by("operator", "operator_go", "decide") and is_held_by("operator", "operator_go", "see_operations")
    assert not is_held_by("operator", "", "see_operations")
    assert not is_held_by("operator", "operator_go", "oversee_complaints")


@pytest.mark.parametrize(("before", "after", "agreed"), [
    (("operator", ""), ("supervisor", ""), True), (("operator", ""), ("supervisor", "analis_kebijakan"), True),
    (("petugas", ""), ("operator", ""), False), (("supervisor", ""), ("operator", ""), False),
    (("supervisor", ""), ("supervisor", "kepala_bidang"), False),
    (("supervisor", ""), ("supervisor", "kepala_dinas"), False),
    (("supervisor", "kepala_dinas"), ("supervisor", ""), True),
    (("supervisor", "kepala_dinas"), ("supervisor", "kepala_dinas"), False),
    (("supervisor", "kepala_dinas"), ("supervisor", "kepala_bidang"), True),
    (("operator", ""), ("operator", "operator_go"), False),
])
def test_more_oversight_is_agreed_to_by_a_supervisor_and_less_is_not(before, after, agreed):
    role, jabatan = before
    assert gains(SimpleNamespace(role=role, jabatan=jabatan), *after) is agreed


@pytest.mark.parametrize(("role", "jabatan", "words"), [
    ("operator", "", "Operator"), ("supervisor", "", "Pengawas"), ("supervisor", "kepala_dinas", "Kepala Dinas"),
    ("operator", "operator_go", "Operator GO Online, Operator"), ("admin", "operator_go", "Operator GO Online, Admin"),
])
def test_somebody_is_called_by_jabatan_and_by_role_where_that_says_more(role, jabatan, words):
    assert access.place_words(SimpleNamespace(role=role, jabatan=jabatan)) == words


def test_the_holders_of_a_right_are_told_to_a_query():
    assert ("supervisor", "kepala_dinas") in access.holders_of("see_summary")
    assert ("supervisor", "sekretaris") not in access.holders_of("see_summary")
    assert access.holders_of("decide") == [("operator", jabatan) for jabatan in ("", *JABATAN)]


# The markers of routes.

def test_a_route_carries_one_marker_and_only_rights_that_exist():
    with pytest.raises(ValueError, match="two access markers"):
        access.public(access.webhook(lambda: "apa saja"))
    with pytest.raises(ValueError, match="unknown permission"):
        access.staff("fly")
    view = access.staff("decide")(lambda: "")
    assert view.access == Access("staff", "decide")
    assert access.polling(view).polling is access.while_locked(view).while_locked is True
    assert access.needs_proof(view).needs_proof is True
    kinds = (access.public, access.draft_holder, access.follower, access.citizen, access.staff_arriving, access.webhook)
    assert [marker(lambda: "").access.kind for marker in kinds] == [marker.__name__ for marker in kinds]


@pytest.mark.parametrize(("marker", "pays"), [
    (access.public, "127.0.0.1"), (access.draft_holder, "127.0.0.1"), (access.follower, "127.0.0.1"),
    (access.citizen, "127.0.0.1"), (access.webhook, ""),
])
def test_what_residents_upload_counts_against_their_address(app, monkeypatch, marker, pays):
    told = {}

    def view():
        told.update(payer=ids.payer.get(), address=journal.address.get(), device=journal.device.get())
        return request.path

    for kind in ("draft_holder", "follower", "citizen"):
        monkeypatch.setitem(access._gates, kind, lambda access: None)
    app.add_url_rule("/uji", "uji", marker(view))
    assert app.test_client().get("/uji", headers={"User-Agent": "Mozilla/5.0 (Linux; Android 13)"}).status_code == 200
    assert told["payer"] == pays and told["address"] and told["device"]
    assert journal.address.get() == journal.device.get() == "", "nothing of a visitor stays behind"
