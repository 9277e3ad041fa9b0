"""Nobody makes themselves a colleague: a reset takes an administrator and a supervisor, or the colleague's own
recovery code, is told to the colleague, and its link is shown to neither."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import RecoveryCode, Staff
from app.accounts.second_factor import _hash
from app.complaints.mail_out import open_mail
from app.complaints.models import MailOut
from app.extensions import db, transaction
from app.ids import normalise_code
from app.journal import JournalLine
from app.notifications import fate
from app.notifications.models import CallTask, OutboxMessage
from app.office.models import StaffRequest
from tests.accounts import OFFICE, is_in, staff_sign_in, submit
from tests.browser import Page
from tests.builders import STAFF_PASSWORD, add_staff
from tests.resident_pages import messages

OWN = "lumbung padi di timur 7"
PHONE, EMAIL = "+6281200009001", "rina@contoh.example"
CODE = "AB2C-3DEF-GH"
HOME = "/petugas/"


class House:
    """An office with an administrator, two supervisors and the operator Rina; each with a browser."""

    def __init__(self, app):
        self.app = app
        self.ids = {}
        for name, role in (("admin1", "admin"), ("pengawas1", "supervisor"), ("rina", "operator")):
            self.joins(name, role)

    def joins(self, name: str, role: str) -> None:
        self.ids[name] = add_staff(self.app, name, role)
        with self.app.app_context(), transaction() as session:
            session.get_one(Staff, self.ids[name]).name = name.title()
        self.signs_in(name)

    def signs_in(self, name: str) -> None:
        client = self.app.test_client()
        assert staff_sign_in(client, name).status_code == 303
        setattr(self, name, client)

    def writes_contact(self, name: str = "rina", phone: str = PHONE, email: str = EMAIL):
        client = getattr(self, name)
        return submit(client, "/petugas/kontak", phone=phone, email=email, password=STAFF_PASSWORD)

    def holds_recovery_code(self) -> None:
        with self.app.app_context(), transaction() as session:
            code_hash = _hash(self.ids["rina"], normalise_code(CODE))
            session.add(RecoveryCode(staff_id=self.ids["rina"], code_hash=code_hash))

    def asks(self, name: str = "rina", act: str = "tautan", by: str = "admin1", **fields):
        page = f"/petugas/pegawai/{self.ids[name]}"
        return submit(getattr(self, by), f"{page}/{act}", page=page, **fields)

    def decides(self, act: str = "setujui", by: str = "pengawas1"):
        client = getattr(self, by)
        page = f"/petugas/permintaan-akun/{self.request().id}"
        token = Page(client.get(OFFICE)).field("csrf_token")
        return client.post(f"{page}/{act}", data={"csrf_token": token})

    def recovers(self, username: str = "rina", code: str = CODE, client=None):
        return submit(client or self.app.test_client(), "/petugas/pemulihan", username=username, code=code)

    def request(self) -> StaffRequest:
        with self.app.app_context():
            return db.session.scalars(select(StaffRequest).order_by(StaffRequest.created_at.desc())).first()

    def row(self, name: str = "rina") -> Staff:
        with self.app.app_context():
            return db.session.get(Staff, self.ids[name])

    def letters(self) -> list[tuple[str, str]]:
        with self.app.app_context():
            rows = db.session.scalars(select(MailOut).order_by(MailOut.created_at, MailOut.id))
            return [(mail.to, mail.text) for mail in map(open_mail, rows)]

    def actions(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(select(JournalLine.action).order_by(JournalLine.seq)))

    def notices(self, name: str) -> str:
        page = Page(getattr(self, name).get(HOME))
        page.audit(fragment=False)
        return " ".join(box.get_text(" ", strip=True) for box in page.soup.select(".box"))

    def sent_links(self) -> set[str]:
        texts = [text for _, _, text in messages(self.app)] + [text for _, text in self.letters()]
        return {found for text in texts for found in re.findall(r"/petugas/undangan/[\w-]{43}", text)}


@pytest.fixture
def house(app, time):
    return House(app)


@pytest.mark.parametrize("which", ["app", "pg_app"])
def test_two_people_and_the_colleagues_own_contact_make_a_new_password(which, request, time):
    house = House(request.getfixturevalue(which))
    house.writes_contact()
    asked = house.asks()
    assert asked.status_code == 303 and is_in(house.rina, OFFICE) and house.sent_links() == set()
    assert {to for _, to, _ in messages(house.app, "pegawai_reset_diminta")} == {PHONE}
    assert [to for to, text in house.letters() if "meminta kata sandi" in text] == [EMAIL]
    assert "Admin1 meminta kata sandi Rina dibuat ulang" in house.notices("pengawas1")
    page = Page(house.pengawas1.get(f"/petugas/permintaan-akun/{house.request().id}"))
    page.audit(fragment=False)
    answer = house.decides()
    assert answer.status_code == 303
    assert not is_in(house.rina, OFFICE) and "Rina dibuat ulang" not in house.notices("pengawas1")
    (link,) = house.sent_links()
    shown = [house.admin1.get(f"/petugas/pegawai/{house.ids['rina']}"), house.pengawas1.get(HOME), answer, asked]
    assert not any(link.rpartition("/")[2] in one.text for one in shown)
    rina = house.app.test_client()
    assert submit(rina, link, new_password=OWN, new_password_again=OWN).status_code == 303 and is_in(rina, OFFICE)
    assert [to for _, to, _ in messages(house.app, "pegawai_sandi_diganti")] == [PHONE]
    wanted = ["staff_contact_changed", "staff_reset_asked", "staff_reset", "invitation_accepted"]
    assert [action for action in house.actions() if action in wanted] == wanted


def test_the_link_is_hidden_from_everybody_who_reads_messages_at_the_desk(house):
    house.writes_contact()
    house.asks()
    house.decides()
    (link,) = house.sent_links()
    token = link.rpartition("/")[2]
    for reader in ("admin1", "pengawas1"):
        listed = getattr(house, reader).get("/petugas/pesan")
        assert token not in listed.text
    addresses = set(re.findall(r"/petugas/pesan/[0-9a-f]{32}", house.pengawas1.get("/petugas/pesan").text))
    assert len(addresses) == 2
    for address in addresses:
        opened = house.pengawas1.get(address)
        assert opened.status_code == 200 and token not in opened.text
    assert token not in house.pengawas1.get("/petugas/pesan/email").text


@pytest.mark.parametrize("by, status", [("admin1", 403), ("rina", 403), ("pengawas1", 303)])
def test_only_a_supervisor_decides(house, by, status):
    house.writes_contact()
    house.asks()
    assert house.decides(by=by).status_code == status


@pytest.mark.parametrize("who", ["asker", "owner"])
def test_a_supervisor_decides_neither_what_they_asked_nor_about_themselves(house, who):
    """Roles change: whoever asked as an administrator may be a supervisor by now."""
    house.joins("pengawas2", "supervisor")
    house.writes_contact()
    house.asks()
    row = {"asked_by": house.ids["pengawas1"]} if who == "asker" else {"staff_id": house.ids["pengawas1"]}
    with house.app.app_context(), transaction() as session:
        found = session.get_one(StaffRequest, house.request().id)
        for name, value in row.items():
            setattr(found, name, value)
    assert house.decides().status_code == 403
    assert "meminta kata sandi" not in house.notices("pengawas1")
    assert house.request().status == "open"


def test_the_database_itself_refuses_one_person_as_both(house):
    house.writes_contact()
    house.asks()
    with house.app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        row = session.get_one(StaffRequest, house.request().id)
        row.status, row.decided_by = "approved", row.asked_by


def test_a_request_lapses_after_three_days_and_changes_nothing(house, time):
    house.writes_contact()
    house.asks()
    time.moves(hours=72)
    for name in ("admin1", "pengawas1"):
        house.signs_in(name)
    assert house.decides().status_code == 409
    assert "meminta kata sandi" not in house.notices("pengawas1") and house.sent_links() == set()
    assert house.asks().status_code == 303


def test_a_refused_request_changes_nothing_and_a_decided_one_is_not_decided_again(house):
    house.writes_contact()
    house.asks()
    assert house.decides("tolak").status_code == 303
    assert is_in(house.rina, OFFICE) and house.sent_links() == set()
    assert house.decides().status_code == 409


def test_asking_twice_leaves_one_request(house):
    house.writes_contact()
    house.asks()
    assert house.asks().status_code == 409


@pytest.mark.parametrize("lost, kept", [({}, True), ({"phone_lost": "y"}, False)])
def test_the_second_factor_stays_unless_its_phone_is_lost(house, lost, kept):
    house.writes_contact()
    with house.app.app_context(), transaction() as session:
        session.get_one(Staff, house.ids["rina"]).totp_sealed = b"tersegel"
    house.asks(**lost)
    assert house.row().totp_sealed is not None
    house.decides()
    assert (house.row().totp_sealed is not None) is kept


def test_the_link_that_was_sent_lasts_twelve_hours(house, time):
    house.writes_contact()
    house.asks()
    house.decides()
    (link,) = house.sent_links()
    time.moves(hours=11, minutes=59)
    assert house.app.test_client().get(link).status_code == 200
    time.moves(minutes=1)
    assert house.app.test_client().get(link).status_code == 404


def test_a_closed_account_is_opened_again_by_two_people(house):
    house.writes_contact()
    house.asks(act="nonaktifkan")
    assert house.asks(act="aktifkan").status_code == 303
    assert house.row().disabled_at is not None and house.sent_links() == set()
    house.decides()
    assert house.row().disabled_at is None and len(house.sent_links()) == 1


def test_shutting_somebody_out_ends_what_was_asked_for_them(house):
    house.writes_contact()
    house.asks()
    house.asks(act="nonaktifkan")
    assert house.decides().status_code == 409


def test_without_contact_and_recovery_code_the_page_says_what_is_left(house):
    answer = house.asks()
    assert answer.status_code == 422
    text = Page(answer).text
    assert "belum mengisi nomor WhatsApp atau e-mail" in text and "Petugas TI" in text


def test_without_another_supervisor_the_page_says_what_is_left(house):
    house.writes_contact()
    house.writes_contact("pengawas1", "0812-0000-9002", "")
    answer = house.asks("pengawas1")
    assert answer.status_code == 422 and "belum ada pengawas lain" in Page(answer).text
    house.joins("pengawas2", "supervisor")
    assert house.asks("pengawas1").status_code == 303
    assert house.decides(by="pengawas1").status_code == 403
    assert house.decides(by="pengawas2").status_code == 303


def test_an_own_recovery_code_stands_for_the_supervisor_and_works_once(house):
    house.holds_recovery_code()
    house.asks()
    rina = house.app.test_client()
    answer = house.recovers(client=rina)
    assert answer.status_code == 303 and "/petugas/undangan/" in answer.location
    link = answer.location.partition("//")[2].partition("/")[2]
    assert submit(rina, f"/{link}", new_password=OWN, new_password_again=OWN).status_code == 303
    assert is_in(rina, OFFICE) and "staff_reset_recovered" in house.actions()
    house.asks()
    assert house.recovers().status_code == 422


def test_a_recovery_code_alone_and_an_administrator_alone_open_nothing(house):
    house.holds_recovery_code()
    answers = [house.recovers()]
    house.writes_contact()
    house.asks()
    answers.append(house.recovers(code="AAAA-AAAA-AA"))
    answers += [house.recovers(username=name) for name in ("tidak-ada", "\x00")]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert len({Page(answer).soup.select_one(".error").get_text() for answer in answers}) == 1
    assert is_in(house.rina, OFFICE)


def test_supervisors_are_made_by_supervisors(house):
    house.writes_contact()
    assert house.asks(act="peran", role="supervisor").status_code == 303
    assert house.row().role == "operator" and "Rina menjadi pengawas" in house.notices("pengawas1")
    assert house.decides().status_code == 303
    assert house.row().role == "supervisor" and not is_in(house.rina, OFFICE)


def test_an_account_made_by_an_administrator_stands_on_the_supervisors_first_page(house):
    submit(house.admin1, "/petugas/pegawai/tambah", username="wati", role="operator", name="Wati Contoh")
    assert "Akun baru: Wati Contoh (wati)" in house.notices("pengawas1")
    assert "Akun baru" not in house.notices("rina")


def test_a_reset_on_the_machine_is_told_to_the_colleague_and_the_supervisors(house):
    house.writes_contact()
    answer = house.app.test_cli_runner().invoke(args=["staff", "reset", "rina", "--second-factor"])
    assert answer.exit_code == 0 and not is_in(house.rina, OFFICE)
    assert [to for _, to, _ in messages(house.app, "pegawai_sandi_diganti")] == [PHONE]
    assert "Kata sandi Rina dibuat ulang di komputer server" in house.notices("pengawas1")
    rina = house.app.test_client()
    assert staff_sign_in(rina, "rina", answer.stdout.strip()).status_code == 303
    submit(rina, "/petugas/sandi", new_password=OWN, new_password_again=OWN)
    house.rina = rina
    assert "Kata sandi Anda dibuat ulang di komputer server" in house.notices("rina")
    with house.app.app_context():
        line = db.session.scalars(select(JournalLine).where(JournalLine.action == "staff_reset_machine")).one()
    assert '"by": "' in line.detail


def test_the_machine_opens_a_closed_account_only_when_told_to(house):
    house.asks(act="nonaktifkan")
    run = house.app.test_cli_runner().invoke
    run(args=["staff", "reset", "rina"])
    assert house.row().disabled_at is not None
    run(args=["staff", "reset", "rina", "--reopen"])
    assert house.row().disabled_at is None


def test_a_contact_is_sealed_kept_after_the_password_and_its_change_is_told_to_the_old_one(house):
    assert "Isi nomor WhatsApp atau e-mail Anda" in house.notices("rina")
    wrong = submit(house.rina, "/petugas/kontak", phone=PHONE, email="", password="bukan itu")
    assert wrong.status_code == 422 and house.row().contact_sealed is None
    house.writes_contact()
    assert "Isi nomor WhatsApp" not in house.notices("rina")
    assert EMAIL.encode() not in house.row().contact_sealed
    page = Page(house.rina.get("/petugas/kontak"))
    page.audit(fragment=False)
    house.writes_contact(phone="0812-0000-9009", email="")
    assert [to for _, to, _ in messages(house.app, "pegawai_kontak_diganti")] == [PHONE]
    assert [to for to, _ in house.letters()] == [EMAIL]


@pytest.mark.parametrize("fields", [
    {"phone": "", "email": ""}, {"phone": "12", "email": ""}, {"phone": "", "email": "a@b"},
])
def test_a_wrong_contact_is_refused_at_its_field_and_what_was_typed_stays(house, fields):
    answer = house.writes_contact(**fields)
    page = Page(answer)
    page.audit(fragment=False)
    assert answer.status_code == 422 and all(page.field(name) == value for name, value in fields.items())




def test_no_colleague_is_asked_to_phone_when_a_message_to_staff_does_not_arrive(house):
    house.writes_contact()
    house.asks()
    with house.app.app_context(), transaction() as session:
        row = session.scalars(select(OutboxMessage)).one()
        fate.give_up(row, "63016")
    with house.app.app_context():
        assert db.session.scalars(select(OutboxMessage)).one().state == "failed"
        assert db.session.scalar(select(CallTask.id)) is None
