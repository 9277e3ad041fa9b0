"""What is erased, how long after what: one line for each kind of data.

The days are the office's to decide and stand in `city.toml`; they are calendar days, counted as
24 hours each from the moment of the event. Sources: UU 27/2022 art. 42-44, docs/facts.md 9.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select

from app.base import journal
from app.city.sections import Retention

AT_ONCE = ""


@dataclass(frozen=True)
class Rule:
    """`days` names a key of [retention] in `city.toml`, or is AT_ONCE; `since` is the event they are
    counted from.

    `erased` and `kept` say what goes and what stays; `key` stands in the line of proof.
    """

    key: str
    data: str
    since: str
    days: str
    erased: str
    kept: str


DRAFTS = Rule(
    "drafts", "registrations never sent", "first page opened", "drafts_days",
    "photos and all rows", "one line of proof",
)
UNSENT = Rule(
    "unsent-complaints", "complaints typed and never sent", "the last change", "drafts_days",
    "everything", "one line of proof",
)
PHOTOS_ACTIVE = Rule(
    "photos-active", "photos of approved registrations", "approval", "photos_active_days",
    "photo objects", "hash, kind, decision",
)
PHOTOS_CLOSED = Rule(
    "photos-closed", "photos of registrations rejected, withdrawn or expired", "that decision", "photos_closed_days",
    "photo objects", "hash, kind, decision",
)
SELFIES = Rule(
    "selfies", "selfies that asked for a new number", "the operator's decision", "photos_closed_days",
    "photo object and number", "hash, decision",
)
RECORDS = Rule(
    "records", "personal records", "closing of registration or account", "applications_days",
    "names, numbers, addresses, notes, PIN, password", "keyed hash of the NIK, states, reason codes",
)
RIGHTS = Rule(
    "rights", "requests about personal data", "our answer", "applications_days",
    "the words of both sides", "kind, decision, ground, moments",
)
COMPLAINTS = Rule(
    "complaints", "complaints", "closing", "complaints_days",
    "words, contact, attachments", "number, kind, stages, rating",
)
OUTBOX = Rule(
    "messages", "messages sent", "writing", "messages_days",
    "recipient and values", "kind, state, moments",
)
INBOUND = Rule(
    "inbound", "raw messages received", "arrival", "webhooks_days",
    "rows and files", "what became of them (a complaint)",
)
CALLBACKS = Rule(
    "callbacks", "raw status reports of the provider", "arrival", "webhooks_days", "rows", "the message's state",
)
SIGN_INS = Rule(
    "sign-ins", "sessions of residents and staff", "sign-in", "sessions_days", "rows", "the journal's lines",
)
ADDRESSES = Rule(
    "addresses", "network addresses in the journal", "the line", "addresses_days",
    "the last part of the address", "its first 24 bits (IPv6: 56), the journal's line",
)
DELETIONS = Rule(
    "deletions", "deletions that the office granted and that are not finished", "our answer", AT_ONCE,
    "photos, personal record, account", "keyed hash of the NIK, states, reason codes, the answer",
)
RULES = (
    DELETIONS, DRAFTS, UNSENT, PHOTOS_ACTIVE, PHOTOS_CLOSED, SELFIES, RECORDS, RIGHTS, COMPLAINTS, OUTBOX, INBOUND,
    CALLBACKS, SIGN_INS, ADDRESSES,
)


def days_of(rule: Rule, retention: Retention) -> int:
    return getattr(retention, rule.days) if rule.days else 0


def limit_of(rule: Rule, retention: Retention, now: datetime) -> datetime:
    """What happened before this moment is due to be erased."""
    return now - timedelta(days=days_of(rule, retention))


# The shape of one kind's work, shared by the modules that do it.

BATCH = 500


@dataclass(frozen=True)
class Work:
    """`due` selects (id, moment of the event) before a limit, the oldest first; `erase` erases those
    ids and returns how many, each act proved by a journal line. Rows that are nobody's case go
    `in_batches`, all others one at a time, so that one that cannot be erased holds up no other.

    Erasing is repeatable: files go first, then the row says so, so that a crash between the two
    leaves work for the next run and never a file that nobody knows (the row still names it).
    """

    rule: Rule
    due: Callable[[datetime], Select]
    erase: Callable[[Sequence], int]
    in_batches: bool = False


def prove(action: str, reason: str, about: tuple[str, str], **detail) -> None:
    """The line of proof, inside the caller's transaction: hashes, counts and codes only."""
    journal.record(action, actor=journal.SYSTEM, about=about, detail={"reason": reason, **detail})


def prove_many(rule: Rule, count: int) -> None:
    """One line for a batch of rows that are nobody's case."""
    prove("rows_erased", rule.key, ("retention", rule.key), rows=count)
