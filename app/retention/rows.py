"""Kinds that are rows only: answered requests about data, old sessions, and addresses in the journal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select, update

from app.accounts.models import SignIn
from app.base.database import transaction
from app.base.journal import JournalAddress
from app.complaints.public.typed import ComplaintDraft
from app.privacy.models import RightsRequest, blank
from app.retention import rules
from app.retention.rules import Work, prove_many


def due_rights(limit: datetime) -> Select:
    return select(RightsRequest.id, RightsRequest.answered_at).where(
        RightsRequest.answered_at < limit, RightsRequest.erased_at.is_(None)
    ).order_by(RightsRequest.answered_at, RightsRequest.id)


def erase_rights(ids: Sequence[str]) -> int:
    with transaction() as session:
        query = select(RightsRequest).where(RightsRequest.id.in_(ids), RightsRequest.erased_at.is_(None))
        rows = list(session.scalars(query.with_for_update()))
        for row in rows:
            blank(row)
        prove_many(rules.RIGHTS, len(rows))
        return len(rows)


def due_sign_ins(limit: datetime) -> Select:
    return select(SignIn.token_hash, SignIn.created_at).where(
        SignIn.created_at < limit
    ).order_by(SignIn.created_at, SignIn.token_hash)


def erase_sign_ins(ids: Sequence[str]) -> int:
    with transaction() as session:
        count = session.execute(delete(SignIn).where(SignIn.token_hash.in_(ids))).rowcount
        prove_many(rules.SIGN_INS, count)
        return count


def due_addresses(limit: datetime) -> Select:
    return select(JournalAddress.seq, JournalAddress.at).where(
        JournalAddress.at < limit, JournalAddress.full != ""
    ).order_by(JournalAddress.at, JournalAddress.seq)


def shorten_addresses(ids: Sequence[int]) -> int:
    """The chain goes on verifying: a line is bound to the short form and to a mark of the whole one."""
    with transaction() as session:
        shortened = update(JournalAddress).where(JournalAddress.seq.in_(ids), JournalAddress.full != "")
        count = session.execute(shortened.values(full="", salt="")).rowcount
        prove_many(rules.ADDRESSES, count)
        return count


def due_unsent(limit: datetime) -> Select:
    return select(ComplaintDraft.token_hash, ComplaintDraft.updated_at).where(
        ComplaintDraft.updated_at < limit
    ).order_by(ComplaintDraft.updated_at, ComplaintDraft.token_hash)


def erase_unsent(ids: Sequence[str]) -> int:
    with transaction() as session:
        count = session.execute(delete(ComplaintDraft).where(ComplaintDraft.token_hash.in_(ids))).rowcount
        prove_many(rules.UNSENT, count)
        return count


WORKS = (
    Work(rules.UNSENT, due_unsent, erase_unsent, in_batches=True),
    Work(rules.RIGHTS, due_rights, erase_rights, in_batches=True),
    Work(rules.SIGN_INS, due_sign_ins, erase_sign_ins, in_batches=True),
    Work(rules.ADDRESSES, due_addresses, shorten_addresses, in_batches=True),
)
