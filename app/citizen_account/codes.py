"""One-time codes: keyed hash only, fifteen minutes, five tries (docs/limits.md).

A new code for a password leaves earlier ones valid, so that nobody ends an owner's code by asking for
another; the browser holds the tokens of all it asked for.
"""

import hashlib
import hmac
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.base import clock
from app.base.database import db, transaction
from app.base.ids import LONG_CODE, new_code, new_id, new_token
from app.base.problems import DomainError, FormRejected
from app.base.services import sealer
from app.citizen_account.models import PASSWORD, CodeChallenge
from app.messages.catalogue import CODE_LIFETIME

TRIES = 5
# how long the page after a right code may stay open
PROVED_LIFE = timedelta(minutes=15)
WRONG = "Kode tidak cocok. Periksa lagi pesan WhatsApp dari kami."
FORGET_AFTER = timedelta(days=1)
FORGET_AT_ONCE = 1000


class ChallengeOver(DomainError):
    """Unknown, expired, used, stopped, or tried too often."""

    message = "Kode ini tidak berlaku lagi. Minta kode baru."


def new_challenge(purpose: str, nik_index: str, phone: str = "") -> tuple[CodeChallenge, str, str, str]:
    """A challenge inside the caller's transaction, its browser token, and the two codes."""
    now = clock.now()
    token, first, second = new_token(), new_code(), new_code()
    row = CodeChallenge(
        id=new_id(), token_hash=_token_hash(token), purpose=purpose, nik_index=nik_index,
        created_at=now, expires_at=now + CODE_LIFETIME,
    )
    row.code_hash, row.second_hash = _code_hash(row, first), _code_hash(row, second)
    if phone:
        row.phone_sealed = sealer().seal(phone.encode(), _phone_context(row))
    db.session.add(row)
    return row, token, first, second


def end_all(purpose: str, nik_index: str) -> int:
    """End what waits for a code, or has proved it, inside the caller's transaction; returns how many."""
    return db.session.execute(
        update(CodeChallenge).where(
            CodeChallenge.nik_index == nik_index, CodeChallenge.purpose == purpose,
            CodeChallenge.ended_at.is_(None),
        ).values(ended_at=clock.now())
    ).rowcount


def newest_of(tokens: tuple[str, ...], purpose: str) -> CodeChallenge | None:
    """Of all that this browser asked for and that still last: the one that is proved, else the newest."""
    rows = [row for row in (challenge_of(token, purpose) for token in tokens) if row is not None]
    return next((row for row in rows if row.proved_at), rows[0] if rows else None)


def count_tries(tokens: tuple[str, ...], purpose: str) -> list[CodeChallenge]:
    """Count one try at each code this browser waits for, as `count_try` does; those that had one left."""
    counted = []
    for token in tokens:
        with suppress(ChallengeOver):
            counted.append(count_try(token, purpose))
    if not counted:
        raise ChallengeOver()
    return counted


def ask_second(row: CodeChallenge) -> str:
    """A longer code takes the place of the first, which was right; inside the caller's transaction."""
    code = new_code(LONG_CODE)
    row.code_hash, row.second_hash, row.tries = _code_hash(row, code), None, 0
    row.expires_at = clock.now() + CODE_LIFETIME
    return code


def wants_second(row: CodeChallenge) -> bool:
    """Whether the longer code was sent."""
    return row.purpose == PASSWORD and row.second_hash is None


def stop_token(row: CodeChallenge) -> str:
    """What stands in the link that stops a code one has not asked for: its row, and a keyed proof of it."""
    return row.id + sealer().index("stop-code", row.id)[:32]


def stopped_by(token: str) -> CodeChallenge | None:
    row = db.session.get(CodeChallenge, token[:32])
    known = stop_token(row) if row is not None and row.purpose == PASSWORD else ""
    return row if known and hmac.compare_digest(known.encode(), token.encode()) else None


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
