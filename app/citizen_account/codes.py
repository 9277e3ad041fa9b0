"""Six-digit codes: keyed hash only, ten minutes, five tries, one at a time (issue 5; security.md A10)."""

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import delete, select, update

from app import clock
from app.citizen_account.models import CodeChallenge
from app.extensions import db, transaction
from app.ids import new_id, new_pin, new_token
from app.notifications.catalogue import CODE_LIFETIME
from app.problems import DomainError, FormRejected
from app.services import sealer

TRIES = 5
# how long the page after a right code may stay open
PROVED_LIFE = timedelta(minutes=15)
WRONG = "Kode tidak cocok. Periksa pesan WhatsApp yang terbaru dari kami."
FORGET_AFTER = timedelta(days=1)
FORGET_AT_ONCE = 1000


class ChallengeOver(DomainError):
    """Unknown, expired, used, replaced by a newer one, or tried too often."""

    message = "Kode ini tidak berlaku lagi. Minta kode baru."


def new_challenge(purpose: str, nik_index: str, phone: str = "") -> tuple[CodeChallenge, str, str, str]:
    """A challenge inside the caller's transaction, its browser token, and the two codes.

    Earlier challenges of this purpose for this NIK end, so that only the newest message counts.
    """
    now = clock.now()
    db.session.execute(
        update(CodeChallenge).where(
            CodeChallenge.nik_index == nik_index, CodeChallenge.purpose == purpose,
            CodeChallenge.ended_at.is_(None),
        ).values(ended_at=now)
    )
    token, first, second = new_token(), new_pin(), new_pin()
    row = CodeChallenge(
        id=new_id(), token_hash=_token_hash(token), purpose=purpose, nik_index=nik_index,
        created_at=now, expires_at=now + CODE_LIFETIME,
    )
    row.code_hash, row.second_hash = _code_hash(row, first), _code_hash(row, second)
    if phone:
        row.phone_sealed = sealer().seal(phone.encode(), _phone_context(row))
    db.session.add(row)
    return row, token, first, second


def challenge_of(token: str, purpose: str) -> CodeChallenge | None:
    """What this browser is waiting for a code for, or has proved; None when it is over."""
    row = db.session.scalar(select(CodeChallenge).where(
        CodeChallenge.token_hash == _token_hash(token), CodeChallenge.purpose == purpose,
        CodeChallenge.ended_at.is_(None),
    ))
    if row is None or clock.now() >= (row.proved_at + PROVED_LIFE if row.proved_at else row.expires_at):
        return None
    return row


def count_try(token: str, purpose: str) -> CodeChallenge:
    """Count one try inside the caller's transaction, before anything is compared.

    Raises ChallengeOver when there is none left.
    """
    counted = db.session.execute(
        update(CodeChallenge).where(
            CodeChallenge.token_hash == _token_hash(token), CodeChallenge.purpose == purpose,
            CodeChallenge.ended_at.is_(None), CodeChallenge.proved_at.is_(None),
            CodeChallenge.expires_at > clock.now(), CodeChallenge.tries < TRIES,
        ).values(tries=CodeChallenge.tries + 1)
    )
    if counted.rowcount != 1:
        raise ChallengeOver()
    return db.session.scalar(
        select(CodeChallenge).where(CodeChallenge.token_hash == _token_hash(token))
        .execution_options(populate_existing=True)
    )


def is_right(row: CodeChallenge, typed: str, second: bool = False) -> bool:
    plain = "".join(c for c in typed[:40] if not c.isspace())
    return hmac.compare_digest(_code_hash(row, plain), row.second_hash if second else row.code_hash)


def wrong_code(field: str) -> FormRejected:
    return FormRejected({field: [WRONG]})


def phone_of(row: CodeChallenge) -> str:
    """The new number, E.164. Raises SealBroken."""
    return sealer().open(row.phone_sealed, _phone_context(row)).decode()


def forget_old_challenges() -> int:
    """A bounded number at once; returns how many. A job of the worker."""
    before = clock.now() - FORGET_AFTER
    over = select(CodeChallenge.id).where(CodeChallenge.expires_at < before).limit(FORGET_AT_ONCE)
    with transaction() as session:
        return session.execute(delete(CodeChallenge).where(CodeChallenge.id.in_(over))).rowcount


def _code_hash(row: CodeChallenge, code: str) -> str:
    return sealer().index("code", f"{row.id}:{code}")


def _phone_context(row: CodeChallenge) -> str:
    return f"code_challenge:{row.id}:phone"


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
