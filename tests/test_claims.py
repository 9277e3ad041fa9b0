"""The claim itself, to the second: who gets it, how long it lasts, who may hold on to it, hand it on or take it away,
and who else is looking. On the toy kind of test_casework_toy.py, so without any page."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from app.accounts.models import Staff
from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected, NotAllowed, NotFound
from app.casework import claims
from app.casework.acting import acting
from app.casework.claims import ClaimLost
from app.casework.desk import ACTING, Seen
from app.casework.models import CasePresence
from tests.builders import add_staff
from tests.test_casework_toy import DESK, LENDING, Lending

AT_HAND = replace(DESK, claim_on=ACTING)  # opening holds nothing; acting does
PICKY = replace(DESK, receives=lambda case, staff_id: False)
ABOUT = ("lending", "r1")


@pytest.fixture
def rooms(app, time):
    """Two people, and two requests that nobody holds; r3 is over."""
    people = SimpleNamespace(**{
        name: SimpleNamespace(id=add_staff(app, name, "operator"), role="operator") for name in ("rina", "dewi", "sari")
    })
    with app.app_context():
        with db.engine.connect().execution_options(loket_write=True) as connection, connection.begin():
            Lending.__table__.create(connection)
        with transaction() as session:
            for name, person in vars(people).items():
                session.get_one(Staff, person.id).name = f"{name.title()} Contoh"
            session.add_all([Lending(id="r1"), Lending(id="r2"), Lending(id="r3", status="lent")])
        yield people


def takes(person, case_id: str = "r1", desk=DESK) -> str | None:
    with transaction():
        return claims.take(desk, case_id, person.id)


def case(case_id: str = "r1") -> Lending:
    db.session.rollback()
    return db.session.get(Lending, case_id, populate_existing=True)


def seen(person, token: str, case_id: str = "r1") -> Seen:
    return Seen(case_id, case(case_id).version, token, person)


def hands(case_id: str = "r1") -> tuple[str | None, str | None]:
    """Who holds it, and whose it is."""
    row = case(case_id)
    return claims.holder_id(row), row.assigned_to


def test_a_claim_lasts_ten_minutes_to_the_second_and_then_anybody_takes_it(rooms, time):
    began, token = clock.now(), takes(rooms.rina)
    row = case()
    assert (row.claimed_by, row.claim_token, row.taken_up_at) == (rooms.rina.id, token, began)
    time.moves(minutes=10, seconds=-1)
    assert takes(rooms.dewi) is None and hands() == (rooms.rina.id, None)
    holder = claims.holder_of(case())
    assert (holder.id, holder.name, (holder.until - clock.now()).seconds) == (rooms.rina.id, "Rina Contoh", 1)
    assert claims.name_of(None) == claims.name_of("nobody") == ""
    time.moves(seconds=1)
    assert hands() == (None, None) and claims.holder_of(case()) is None
    assert takes(rooms.dewi) not in (None, token) and case().taken_up_at == began
    assert hands("r2") == (None, None), "the other one is free as before"
    assert takes(rooms.rina, "r3") is None and takes(rooms.rina, "no such case") is None


def test_a_second_tab_keeps_the_token_and_prolongs_the_claim_and_a_lapsed_one_is_a_new_one(rooms, time):
    token = takes(rooms.rina)
    time.moves(minutes=9)
    assert takes(rooms.rina) == token
    time.moves(minutes=9)
    assert takes(rooms.dewi) is None
    time.moves(minutes=1)
    assert takes(rooms.rina) not in (None, token)


def test_a_sign_of_work_holds_on_and_an_open_page_alone_does_not(rooms, time):
    token = takes(rooms.rina)
    other = takes(rooms.dewi, "r2")
    time.moves(minutes=6)
    assert claims.beat(DESK, "r1", token, True) and claims.beat(DESK, "r1", token, False)
    assert not claims.beat(DESK, "r1", other, True) and not claims.beat(DESK, "r1", other, False)
    time.moves(minutes=4)
    assert hands() == (rooms.rina.id, None) and hands("r2") == (None, None)
    assert not claims.beat(DESK, "r2", other, False), "the very second in which it lapses"
    time.moves(minutes=5, seconds=59)
    assert claims.beat(DESK, "r1", token, False)
    time.moves(seconds=1)
    assert not claims.beat(DESK, "r1", token, False)
    assert claims.beat(DESK, "r1", token, True), "nobody took it meanwhile"
    assert hands() == (rooms.rina.id, None)


def test_letting_go_needs_the_token_and_frees_this_case_alone(rooms):
    token, other = takes(rooms.rina), takes(rooms.rina, "r2")
    claims.release(DESK, "r1", other)
    assert hands() == (rooms.rina.id, None)
    claims.release(DESK, "r1", token)
    row = case()
    assert row.claimed_by is row.claim_token is row.claim_until is None
    assert hands("r2") == (rooms.rina.id, None)


def refused(desk, person, token: str) -> str:
    with pytest.raises(ClaimLost) as caught, acting(desk, seen(person, token)):
        pass
    return str(caught.value.message)


def test_who_acts_needs_the_claim_and_is_told_why_not(rooms, time):
    assert "tidak sedang Anda pegang" in refused(DESK, rooms.rina, "")
    token = takes(rooms.rina)
    with acting(DESK, seen(rooms.rina, token)) as held:
        assert held.id == "r1"
    assert "sedang ditangani petugas lain" in refused(DESK, rooms.dewi, "")
    assert "sedang ditangani petugas lain" in refused(DESK, rooms.dewi, token), "a token is one person's"
    refused(DESK, rooms.rina, "another")
    time.moves(minutes=30)
    with acting(DESK, seen(rooms.rina, token)):
        pass
    assert "tidak sedang Anda pegang" in refused(DESK, rooms.dewi, token)


def test_where_acting_claims_a_free_case_is_taken_by_the_act(rooms):
    with acting(AT_HAND, seen(rooms.rina, "")):
        pass
    assert hands() == (rooms.rina.id, None)
    assert "sedang ditangani petugas lain" in refused(AT_HAND, rooms.dewi, "")


def test_a_button_claims_what_is_free_and_refuses_what_is_not(rooms):
    claims.claim(DESK, "r1", rooms.rina)
    assert hands() == (rooms.rina.id, None)
    with pytest.raises(ClaimLost):
        claims.claim(DESK, "r1", rooms.dewi)
    with pytest.raises(NotFound):
        claims.claim(DESK, "none", rooms.dewi)


def test_what_the_desk_hides_cannot_be_acted_on_taken_or_handed_over(rooms):
    def hide(case_id, staff):
        raise NotFound()

    hidden, token = replace(DESK, find=hide), takes(rooms.rina)
    for refuse in (
        lambda: claims.take_over(hidden, "r1", "Sakit.", "", rooms.dewi),
        lambda: claims.hand_over(hidden, seen(rooms.rina, token), rooms.dewi.id),
        lambda: acting(hidden, seen(rooms.rina, token)).__enter__(),
    ):
        with pytest.raises(NotFound):
            refuse()
        db.session.rollback()
    assert hands() == (rooms.rina.id, None)


def test_the_next_case_is_the_first_that_is_free_and_allowed(rooms, time):
    ids = ["r1", "r2", "r3"]
    assert claims.take_next_of(DESK, ids, rooms.rina, lambda one, staff: one.id != "r1") == "r2"
    assert hands() == (None, None)
    assert claims.take_next_of(DESK, ids, rooms.rina) == "r1"
    assert claims.take_next_of(DESK, ids, rooms.rina) is None, "opening holds them already"
    assert claims.take_next_of(AT_HAND, ids, rooms.rina) == "r1", "what one holds comes last, but it comes"
    assert claims.take_next_of(AT_HAND, ids, rooms.dewi) is None
    claims.release(DESK, "r2", case("r2").claim_token)
    assert claims.take_next_of(AT_HAND, ids, rooms.rina) == "r2" and claims.take_next_of(DESK, [], rooms.dewi) is None
    time.moves(minutes=10)
    assert claims.take_next_of(DESK, ids, rooms.dewi, lambda one, staff: False) is None
    assert claims.take_next_of(DESK, ids, rooms.dewi) == "r1"


def test_a_case_handed_over_is_the_colleagues_own_and_held_by_him(rooms):
    token, other = takes(rooms.rina), takes(rooms.sari, "r2")
    for person, given in ((rooms.rina, ""), (rooms.rina, "x"), (rooms.dewi, token)):
        with pytest.raises(ClaimLost, match="tidak sedang Anda pegang"):
            claims.hand_over(DESK, seen(person, given), rooms.dewi.id)
    with pytest.raises(NotAllowed):
        claims.hand_over(PICKY, seen(rooms.rina, token), rooms.dewi.id)
    assert hands() == (rooms.rina.id, None)
    claims.hand_over(DESK, seen(rooms.rina, token), rooms.dewi.id)
    assert hands() == (rooms.dewi.id, rooms.dewi.id) and case().claim_token != token
    assert hands("r2") == (rooms.sari.id, None) and case("r2").claim_token == other
    line, = journal.lines_about(*ABOUT)
    assert (line.action, line.actor_id) == ("lending_hand_over", rooms.rina.id) and rooms.dewi.id in line.detail


def test_who_oversees_takes_a_case_away_with_a_reason(rooms, time):
    takes(rooms.rina)
    takes(rooms.rina, "r2")
    with pytest.raises(FormRejected) as caught:
        claims.take_over(DESK, "r1", "  ", rooms.dewi.id, rooms.sari)
    assert caught.value.errors.keys() == {"reason"}
    with pytest.raises(NotAllowed):
        claims.take_over(PICKY, "r1", "Sakit.", rooms.dewi.id, rooms.sari)
    assert hands() == (rooms.rina.id, None) and claims.taken_over(DESK, "r1") is None
    claims.take_over(DESK, "r1", " Rina sakit. ", rooms.dewi.id, rooms.sari)
    assert hands() == (rooms.dewi.id, rooms.dewi.id) and hands("r2") == (rooms.rina.id, None)
    assert claims.taken_over(DESK, "r1") == ("Sari Contoh", "Rina sakit.")
    line, = journal.lines_about(*ABOUT)
    assert (line.action, line.actor_id) == ("lending_take_over", rooms.sari.id)
    assert rooms.rina.id in line.detail and rooms.dewi.id in line.detail
    claims.take_over(PICKY, "r1", "Untuk siapa saja.", "", rooms.sari)
    assert hands() == (None, None), "given to nobody, so to all"
    time.moves(minutes=10)
    assert claims.taken_over(DESK, "r1") is None, "whoever lost it knows by now"


def test_a_case_let_go_is_nobodys_and_the_others_stay(rooms):
    takes(rooms.rina, "r2")
    with transaction():
        row = case()
        row.assigned_to = rooms.rina.id
        claims.take(DESK, "r1", rooms.rina.id)
        claims.let_go(DESK, row)
    assert hands() == (None, None) and case().claim_token is None and hands("r2") == (rooms.rina.id, None)


def test_lists_tell_who_has_what_in_hands_at_this_second(rooms, time):
    def in_hands() -> Counter:
        return claims.load_of(Lending, lambda: Lending.status.in_(LENDING.in_trays("new", "work")))

    def shown() -> list:
        column = claims.held_or_owned(Lending)
        return list(db.session.scalars(select(column).order_by(Lending.id), {"now": clock.now()}))

    def free_for(person) -> list[str]:
        query = select(Lending.id).where(claims.free_for(Lending, person.id, clock.now())).order_by(Lending.id)
        return list(db.session.scalars(query))

    takes(rooms.rina)
    with transaction():
        case("r2").assigned_to = rooms.dewi.id
    rina, dewi = rooms.rina.id, rooms.dewi.id
    assert in_hands() == {rina: 1, dewi: 1} and shown() == [rina, dewi, None]
    assert (free_for(rooms.rina), free_for(rooms.dewi)) == (["r1", "r3"], ["r2", "r3"])
    takes(rooms.sari, "r2")
    assert in_hands() == {rina: 1, rooms.sari.id: 1} and shown() == [rina, rooms.sari.id, None]
    assert free_for(rooms.dewi) == ["r3"]
    time.moves(minutes=10)
    assert in_hands() == {dewi: 1} and shown() == [None, dewi, None]
    assert (free_for(rooms.rina), free_for(rooms.dewi)) == (["r1", "r3"], ["r1", "r2", "r3"])


def test_colleagues_on_the_same_page_see_each_other_and_who_is_writing(rooms, time):
    def others(person, about=ABOUT) -> list[tuple[str, bool]]:
        return claims.others_present(about, person, claims.WRITING * 3)

    claims.be_present(ABOUT, rooms.rina, True)
    claims.be_present(ABOUT, rooms.dewi, False)
    claims.be_present(("other", "r1"), rooms.sari, True)
    claims.be_present(("lending", "r2"), rooms.sari, True)
    rina, dewi = "Rina Contoh", "Dewi Contoh"
    assert others(rooms.rina) == [(dewi, False)] and others(rooms.dewi) == [(rina, True)]
    assert others(rooms.sari) == [(dewi, False), (rina, True)]
    time.moves(seconds=19)
    claims.be_present(ABOUT, rooms.rina, False)
    assert others(rooms.dewi) == [(rina, True)], "a pause of some seconds is writing still"
    time.moves(seconds=1)
    assert others(rooms.dewi) == [(rina, False)]
    time.moves(seconds=40)
    assert others(rooms.sari) == [(rina, False)], "Dewi's page was closed a minute ago"
    time.moves(seconds=19)
    assert others(rooms.sari) == []


def test_who_was_there_is_forgotten_after_an_hour(rooms, time):
    def kept() -> int:
        return db.session.scalar(select(func.count()).select_from(CasePresence))

    claims.be_present(ABOUT, rooms.rina, False)
    time.moves(hours=1)
    claims.be_present(ABOUT, rooms.dewi, False)
    assert kept() == 2
    time.moves(seconds=1)
    claims.be_present(ABOUT, rooms.dewi, False)
    assert kept() == 1
