"""Builders and a gateway in memory for everything that sends messages."""

from collections import namedtuple
from contextvars import Context

import pytest
from flask import has_app_context
from sqlalchemy import select

from app.base.database import db, transaction
from app.base.ids import new_id
from app.correspondence.call_task import CallTask
from app.messages import outbox
from app.messages.addresses import WHATSAPP, by_whatsapp
from app.messages.gateway import Accepted, Capabilities
from app.messages.models import OutboxMessage
from tests.browser import Browser

PERSON = {"nama": "SITI CONTOH AMINAH", "tautan": "http://127.0.0.1:8000/masuk"}
PHONE = "+6281200001001"
# as far as the pages of messages ask
A_SUPERVISOR = namedtuple("Person", "id role jabatan")(id="0" * 32, role="supervisor", jabatan="")


class FakeGateway:
    """Answers from `outcomes` in turn, then accepts. An outcome that is an exception is raised."""

    name = "fake"

    def __init__(self, **capabilities):
        self.capabilities = Capabilities(**{
            "templates": False, "window": None, "receipts": True, "inbound": True, **capabilities,
        })
        self.sent, self.outcomes, self.findings = [], [], []

    def send(self, outgoing):
        self.sent.append(outgoing)
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted(f"SM{len(self.sent):032x}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def look_up(self, sought):
        return self.findings.pop(0)


def use_gateway(app, gateway, channel=WHATSAPP):
    app.extensions.setdefault("loket_gateways", {})[channel] = gateway
    return gateway


def a_message(template="akun_aktif", to=PHONE, variables=None, inside=False, about=None, **kwargs) -> str:
    """Id of a message in the outbox; `inside` joins a transaction that is already open."""

    def add():
        chosen = PERSON if variables is None else variables
        return outbox.enqueue(
            template, to=by_whatsapp(to) if isinstance(to, str) else to, variables=chosen,
            about=about or ("application", new_id()), **kwargs,
        )

    if inside:
        return add().id
    with transaction():
        return add().id


def message(message_id: str) -> OutboxMessage:
    """The row as it stands in the database now."""
    db.session.rollback()
    return db.session.get(OutboxMessage, message_id, populate_existing=True)


def open_calls() -> list[CallTask]:
    """Every task to phone that nobody has closed, oldest first, whoever may see it."""
    query = select(CallTask).where(CallTask.closed_at.is_(None))
    return list(db.session.scalars(query.order_by(CallTask.opened_at, CallTask.id)))


class Outside:
    """A test client whose requests do not see the app context of the test, as real ones would not:
    Flask would otherwise share one `g` and one database session between them."""

    def __init__(self, client):
        self._client = client
        self.application = client.application

    def get(self, *args, **kwargs):
        return self._ask(self._client.get, *args, **kwargs)

    def post(self, *args, **kwargs):
        return self._ask(self._client.post, *args, **kwargs)

    def _ask(self, method, *args, **kwargs):
        answer = Context().run(method, *args, **kwargs)
        if has_app_context():
            db.session.rollback()  # the test reads afresh what the request wrote
        return answer


@pytest.fixture
def fake(app_context):
    return use_gateway(app_context, FakeGateway())


@pytest.fixture
def officer(staff_client, fake):
    """The browser of a petugas."""
    return Browser(Outside(staff_client("petugas")))
