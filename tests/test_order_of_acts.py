"""The order the standard asks for, and what comes too late: nothing is decided before it was declared
complete, nothing is taken back after its minute, and a worker that wakes up late changes nothing."""

import pytest
from sqlalchemy import func, select

from app.accounts.models import Citizen
from app.base import clock
from app.base.database import db, transaction
from app.correspondence import calls, page
from app.messages import delivery, dispatcher, states
from app.messages.addresses import EMAIL
from app.messages.choose_gateway import CHANNELS
from app.messages.gateway import Accepted, Refused, Unclear
from app.messages.models import OutboxMessage
from tests.browser import LOOKED_AT
from tests.complaints import a_ticket
from tests.desk import a_case, declare, journalled, messages, nik_of, officer, row
from tests.messaging import A_SUPERVISOR, FakeGateway, a_message, message, use_gateway

TAKEN = Accepted("smtp-1", states.SENT)
WHOLE = {**LOOKED_AT, "nik_read": nik_of(1)}
# what is typed for each act, so that nothing but the order can refuse it
TYPED = {
    "lengkap": WHOLE, "setujui": WHOLE, "kembalikan": {"reasons": ["KTP_BURAM"], "why_declared": "Saya salah lihat."},
    "tolak": {"ground": "BUKAN_WARGA_KOTA", "confirm": "ya"},
}


@pytest.fixture
def case(app, time) -> str:
    return a_case(app)


@pytest.fixture
def operator(app, time):
    return officer(app, "bayu")


def citizens(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Citizen))


def test_a_case_that_nobody_declared_complete_is_not_approved(app, time, case, operator):
    operator.opens_case(case)
    answer = operator.sends_act(case, "setujui", **WHOLE)
    assert answer.status == 409
    assert row(app, case).status == "submitted" and citizens(app) == 0
    assert "application_approve" not in journalled(app, case)
    assert [template for template, _ in messages(app)] == ["pendaftaran_diterima"]
    time.moves(minutes=11)  # the operator's hold has ended
    declare(app, case, nik_of(1))
    assert operator.acts(case, "setujui", nik_read=nik_of(1)).status == 200, "the same operator and answers, in order"
    assert row(app, case).status == "active" and citizens(app) == 1


def test_a_case_is_declared_complete_once(app, case, operator):
    declare(app, case, nik_of(1))
    operator.opens_case(case)
    assert operator.sends_act(case, "lengkap", **WHOLE).status == 409
    assert journalled(app, case).count("application_declare_complete") == 1


@pytest.mark.parametrize("ending", ["setujui", "tolak", "kembalikan"])
def test_what_was_decided_or_sent_back_is_not_decided_again(app, case, operator, ending):
    declare(app, case, nik_of(1))
    operator.acts(case, ending, **TYPED[ending])
    before, written = row(app, case).status, len(journalled(app, case))
    claim = {"claim_token": operator.page.field("claim_token") or "x"}
    for act, typed in TYPED.items():
        operator.opens_case(case)
        assert operator.sends_act(case, act, **{**typed, **claim}).status == 409, act
        assert row(app, case).status == before and citizens(app) == (before == "active"), act
    acts = [line for line in journalled(app, case)[written:] if line.startswith("application_")]
    assert acts == []


@pytest.mark.parametrize("act", TYPED)
def test_an_act_is_not_taken_back_after_its_minute_although_its_message_still_waits(app, time, case, operator, act):
    if act != "lengkap":
        declare(app, case, nik_of(1))
        time.moves(minutes=2)
    operator.acts(case, act, **TYPED[act])
    reached, templates = row(app, case).status, messages(app)
    assert templates[-1][1] == states.PENDING
    time.moves(seconds=60)  # no worker has run meanwhile
    page = operator.opens_case(case)
    assert "Salah tekan?" not in page.text
    assert operator.sends_act(case, "batalkan").status == 409
    assert row(app, case).status == reached and messages(app) == templates
    assert not {"application_take_back", "application_take_back_early"} & set(journalled(app, case))


class Sleeping(FakeGateway):
    """A gateway whose first call lasts beyond the lease: meanwhile the message is looked for, put back
    into the queue and claimed by a second worker. Then it answers the first worker `late`."""

    def __init__(self, time, late):
        super().__init__()
        self.time, self.late, self.newer = time, late, None

    def send(self, outgoing):
        super().send(outgoing)
        if len(self.sent) == 1:
            self.time.moves(seconds=CHANNELS["whatsapp"].lease.total_seconds() + 1)
            dispatcher.lose_expired()
            with transaction():
                delivery.send_again(delivery.locked(outgoing.reference))
            self.newer = dispatcher.claim_next()
            return self.late
        return Accepted("SM" + "2" * 32)


@pytest.mark.parametrize(("which", "late"), [
    ("app", Refused("21211")), ("app", Refused("63010")), ("app", Unclear("read_timeout")),
    ("app", Accepted("SM" + "1" * 32)), ("pg_app", Unclear("read_timeout")),
], ids=repr)
def test_a_late_worker_does_not_write_over_the_claim_of_a_newer_one(request, time, which, late):
    app = request.getfixturevalue(which)
    with app.app_context():
        gateway = use_gateway(app, Sleeping(time, late))
        sent = a_message()
        assert dispatcher.deliver_due(limit=1) == 1
        now = message(sent)
        assert (now.state, now.lease_token) == (states.SENDING, gateway.newer.token), "the newer worker still sends"
        assert (now.error_code, now.provider_id) == (None, None) and calls.count_waiting() == 0
        assert delivery.record(gateway.newer, Accepted("SM" + "2" * 32)) is True
        assert (message(sent).state, message(sent).provider_id) == (states.ACCEPTED, "SM" + "2" * 32)


@pytest.mark.parametrize("late", [Refused("recipient_550"), Refused("data_451"), Refused("down"), Unclear("cut"),
                                  TAKEN], ids=repr)
def test_a_late_worker_does_not_write_over_the_newer_claim_of_a_letter(app, time, late):
    a_ticket(app, "langsung", phone="", email="budi@contoh.id", answer_by="email")
    with app.app_context():
        mail_id = db.session.scalars(select(OutboxMessage.id)).one()
        older = dispatcher.claim_next(EMAIL)
        time.moves(seconds=CHANNELS[EMAIL].lease.total_seconds() + 1)
        dispatcher.lose_expired()
        page.resend(mail_id, A_SUPERVISOR)
        newer = dispatcher.claim_next(EMAIL)
        assert (older.message_id, newer.message_id) == (mail_id, mail_id)
        assert delivery.record(older, late) is False
        now = message(mail_id)
        assert (now.state, now.lease_token, now.error_code) == ("sending", newer.token, None)
        assert now.lease_until > clock.now()
        assert delivery.record(newer, TAKEN) is True
        assert message(mail_id).state == "sent"
