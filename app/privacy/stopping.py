"""Whoever holds the number on record is told when a deletion is asked for, and can stop it with one press.

A deletion cannot be undone, and may be asked for with number and PIN alone. The link proves that somebody reads
the messages of that number: enough to keep data, never enough to erase any. Its token is made from the request
by a key, so nothing of it is stored.
"""

import hmac

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import NotFound, StaleDecision
from app.base.services import city, sealer, settings
from app.city.dates import show_moment
from app.messages import outbox
from app.privacy.kinds import DELETION, GROUNDS, OPEN, REFUSED, STOPPED
from app.privacy.models import RightsRequest, seal_answer
from app.registration.personal import Personal, reached_at

MESSAGE = "hak_data_diminta"
PATH = "/lacak/hak-data/t/"
ID_LENGTH, MAC_LENGTH = 32, 32


def tell_owner(row: RightsRequest, owner: Personal) -> None:
    """Joins the caller's transaction. `owner` is the record that counts, whoever asked."""
    outbox.enqueue(MESSAGE, to=reached_at(owner), about=("rights_request", row.id), variables={
        "nama": owner.greeting_name, "tgl_jam": show_moment(row.opened_at), "batas": show_moment(row.due_at),
        "tautan": f"{settings().public_base_url}{PATH}{token_of(row.id)}", "kontak": city().contacts.phone,
    })


def token_of(request_id: str) -> str:
    return request_id + sealer().index("stop-deletion", request_id)[:MAC_LENGTH]


def find(token: str) -> RightsRequest:
    """Raises NotFound for any token that we did not make."""
    request_id = token[:ID_LENGTH]
    if not token.isascii() or not hmac.compare_digest(token, token_of(request_id)):
        raise NotFound("Tautan ini tidak berlaku. Periksa apakah seluruh alamatnya tersalin.")
    row = db.session.get(RightsRequest, request_id)
    if row is None or row.kind != DELETION:
        raise NotFound("Tautan ini tidak berlaku lagi.")
    return row


def stop(token: str) -> None:
    """End the request unanswered. Pressed twice it is stopped once. Raises NotFound, and StaleDecision when the
    office has answered before."""
    with transaction():
        row = db.session.get(RightsRequest, find(token).id, with_for_update=True, populate_existing=True)
        if row.ground == STOPPED:
            return
        if row.status != OPEN:
            raise StaleDecision("Permintaan ini sudah dijawab, jadi tidak dapat dihentikan lagi.")
        row.status, row.ground, row.answered_at = REFUSED, STOPPED, clock.now()
        seal_answer(row, GROUNDS[STOPPED].words)
        journal.record(
            "rights_stopped", actor=journal.VISITOR, about=("rights_request", row.id), detail={"kind": row.kind}
        )
