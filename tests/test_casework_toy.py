"""A kind of case in one folder: what a feature must bring is its table, its declaration and its texts. A toy kind
("pinjam ruang", lending a room) goes through the engine without a line of the engine knowing it."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.base import clock, journal
from app.base.database import Base, UtcDateTime, db, transaction
from app.base.problems import NotAllowed, NotFound, StaleDecision
from app.base.sealing import SealBroken
from app.base.services import sealer
from app.casework import claims, notes, undo, watch
from app.casework.acting import acting
from app.casework.claims import ClaimLost
from app.casework.clocks import Clock, hours_before
from app.casework.desk import Desk, Seen
from app.casework.kinds import DONE, NEW, OUTSIDE, VISITOR, WORK, Act, Kind, Label, State
from app.casework.models import CaseNote, Worked
from app.casework.moving import move
from app.city.office_calendar import calendar_for
from tests.builders import add_staff

ANSWER = Clock(
    "answer", "Jawaban", since=lambda case: case.created_at, days=lambda case: 2, warn=hours_before(lambda: 4),
)
LENDING = Kind(
    "lending", about="lending",
    states={
        "asked": State(NEW, Label("Diminta", "Baru", "new"), ANSWER),
        "checked": State(WORK, Label("Diperiksa", "Diperiksa", "progress"), ANSWER),
        "asking": State(OUTSIDE, Label("Menunggu Anda", "Menunggu peminta", "warning")),
        "lent": State(DONE, Label("Dipinjamkan", "Dipinjamkan", "good"), keeps_due=True),
    },
    acts=(
        Act("check", {"asked": "checked"}, by="take_case"),
        Act("ask", {"checked": "asking"}, by="take_case"),
        Act("reply", {"asking": "checked"}, by=VISITOR),
        Act("lend", {"checked": "lent"}, by="decide", undo=True, done="Dipinjamkan."),
    ),
)


class Lending(Worked, Base):
    __tablename__ = "toy_lending"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    status: Mapped[str] = mapped_column(String(12), default="asked")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


Base.metadata.remove(Lending.__table__)  # no table of the product: other tests compare all of those


def change(case: Lending, act: str, actor: journal.Actor) -> None:
    move(LENDING, case, act, actor, entered=lambda *moved: None, write=lambda *moved: None)


def find(case_id: str, staff) -> Lending:
    case = db.session.get(Lending, case_id)
    if case is None:
        raise NotFound()
    return case


DESK = Desk(
    LENDING, Lending, "Permintaan ini", find=find, bar=lambda case, staff: "Ini permintaan Anda." if case.id == staff.id
    else None, receives=lambda case, staff_id: True,
    claimable=LENDING.in_trays(NEW, WORK), undo=lambda case, done, actor: undo.restore(case, done),
    kept=("status", "due_at", "warn_at"),
)
WATCH = watch.Watch(LENDING, Lending, ("created_at",))


@pytest.fixture(params=["app", "pg_app"])
def office(request, time):
    app = request.getfixturevalue(request.param)
    people = [SimpleNamespace(id=add_staff(app, name, "operator"), role="operator") for name in ("rina", "dewi")]
    with app.app_context():
        with db.engine.connect().execution_options(loket_write=True) as connection, connection.begin():
            Lending.__table__.create(connection)
        with transaction() as session:
            session.add(Lending(id="r1"))
        yield people


def seen(staff, token: str, version: int | None = None) -> Seen:
    return Seen("r1", db.session.get(Lending, "r1").version if version is None else version, token, staff)


def holds_it(staff) -> str:
    with transaction():
        return claims.take(DESK, "r1", staff.id)


def does(staff, token: str, act: str) -> None:
    with acting(DESK, seen(staff, token)) as case:
        change(case, act, journal.Actor("staff", staff.id))


def test_it_is_claimed_moved_and_refused_like_every_other_kind(office):
    rina, dewi = office
    token = holds_it(rina)
    assert holds_it(dewi) is None
    with pytest.raises(ClaimLost):
        does(dewi, "", "check")
    does(rina, token, "check")
    case = db.session.get(Lending, "r1")
    assert (case.status, case.due_at is not None) == ("checked", True)
    with pytest.raises(StaleDecision):
        does(rina, token, "check")
    with pytest.raises(StaleDecision), acting(DESK, seen(rina, token, version=1)):
        pass
    own = Seen("r1", case.version, "", SimpleNamespace(id="r1"))
    with pytest.raises(NotAllowed, match="Ini permintaan Anda"), acting(DESK, own):
        pass
    assert [line.action for line in journal.lines_about("lending", "r1")] == ["lending_check"]


def test_its_clock_stops_while_others_are_waited_for_warns_once_and_makes_no_page_stale(office, time):
    rina, _ = office
    token = holds_it(rina)
    does(rina, token, "check")
    does(rina, token, "ask")
    assert db.session.get(Lending, "r1").due_at is None
    with transaction():
        change(find("r1", rina), "reply", journal.VISITOR)
    version = db.session.get(Lending, "r1").version
    time.moves(days=2, hours=3)
    assert (watch.record_warnings(WATCH), watch.record_warnings(WATCH)) == (1, 0)
    time.moves(days=1)
    assert (watch.record_warnings(WATCH), watch.record_warnings(WATCH)) == (1, 0)
    with transaction():
        watch.follow_calendar(WATCH, calendar_for())
    assert db.session.get(Lending, "r1").version == version


def test_its_acts_have_their_minute_and_its_notes_their_place(office, time):
    rina, _ = office
    token = holds_it(rina)
    does(rina, token, "check")
    with undo.doing(DESK, seen(rina, token)) as done:
        change(done.case, "lend", journal.Actor("staff", rina.id))
        done.act = "lend"
    told = undo.as_told(("lending", "r1"), db.session.get(Lending, "r1"))
    assert (told.status, told.id) == ("checked", "r1")
    undo.undo(DESK, seen(rina, token))
    assert db.session.get(Lending, "r1").status == "checked"
    time.moves(seconds=61)
    with pytest.raises(undo.TooLate):
        undo.undo(DESK, seen(rina, token))
    with transaction():
        notes.add_note(("lending", "r1"), "why", "Ruang dipakai rapat.", rina.id)
    assert notes.read_note(notes.latest(("lending", "r1"), "why")) == "Ruang dipakai rapat."


def test_the_words_of_a_note_open_in_that_note_only(office, time):
    rina, sari = office
    about = ("lending", "r1")
    with transaction():
        written = [notes.add_note(about, "why", words, who.id) for words, who in (("Rapat.", rina), ("Latihan.", sari))]
    with transaction():
        first, second = written
        first.text_sealed, second.text_sealed = second.text_sealed, first.text_sealed
    for note in notes.notes_of(about, "why"):
        with pytest.raises(SealBroken):
            notes.read_note(note)
    with transaction():
        older = CaseNote(about_kind="lending", case_id="r1", kind="old", staff_id=rina.id)
        older.text_sealed = sealer().seal(b"Dari 2026.", "case_note:r1:old")
        db.session.add(older)
    assert notes.read_note(notes.latest(about, "old")) == "Dari 2026."


def test_a_pause_gives_its_working_time_back(app_context):
    monday = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    pause = (monday + timedelta(hours=1), monday + timedelta(hours=3))
    plain = Clock("plain", "", since=lambda case: monday, days=lambda case: 1)
    paused = Clock("paused", "", since=lambda case: monday, days=lambda case: 1, pauses=lambda case: (pause,))
    assert paused.due(calendar_for(), None) > plain.due(calendar_for(), None)
    within = Clock("within", "", since=lambda case: monday, days=lambda case: 9, within=plain)
    assert within.due(calendar_for(), None) == plain.due(calendar_for(), None)


def test_the_engine_asks_no_kind_what_it_is():
    for path in sorted((Path(__file__).resolve().parent.parent / "app" / "casework").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                names = {ast.unparse(one) for one in (node.left, *node.comparators)}
                asked = names & {"kind.name", "desk.kind.name", "desk.noun", "kind.about", "desk.kind.about"}
                assert not asked, (path, node.lineno)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in ("registration", "complaint", "application", "ticket"), (path, node.lineno)
