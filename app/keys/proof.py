"""Every start proves its keys. A wrong or missing one would otherwise show as pages that fail, while new registrations
are sealed and indexed under a key that nobody will have later.
"""

import secrets

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.base import clock, journal, journal_line, kept_keys
from app.base.database import db, end_reading, transaction
from app.base.journal_line import JournalLine, line_hash
from app.base.kept_keys import INDEX, SEALING, SUBKEYS, KeyCanary, OwnKey, mark_of, own_context
from app.base.sealing import KEY_BYTES, SealBroken, Sealer, UnknownKey, seal_json
from app.base.services import sealer, settings
from app.messages.models import OutboxMessage
from app.messages.outbox import open_payload
from app.registration.models import Application
from app.registration.personal import open_personal

INDEX_NEXT = "index_next"  # that a start saw a newer INDEX_KEY, which `keys rotate` may now move to
SENTENCE = b"Loket"
SAMPLES = 5
# every purpose of an index; one that is added later gets its key at the next start
PURPOSES = (
    "nik", "kk", "phone", "email", "name-word", "burst-network", "burst-name", "burst-nik", "photo", "tracking-number",
    "erased-citizen", "erased-phone", "no-phone", "village", "mail-folder", "mail-identity", "mail-message",
    "stop-code", "code",
    "known-browser", "username", "ticket-number", "complaint-external", "rate-limit", "erased-message",
    "stop-deletion", "staff-pin", "recovery-code", "stored-bytes", "picture-try",
    "picture-of-draft", "download",
    "picture-of-draft", "letter-code",
)
log = structlog.get_logger()


class KeysRefused(SystemExit):
    """Stops the start; the text names each key and never shows one."""

    def __init__(self, findings: list[str]):
        super().__init__("Loket does not start: " + " ".join(findings))
        self.findings = findings


def prove_at_start() -> None:
    """Raises KeysRefused. New keys are noted, so that the next start knows them."""
    found = findings()
    if found:
        log.error("keys_refused", findings=found)
        raise KeysRefused(found)
    # the journal's own key goes first: what the others write is chained by it
    for note in (_keep_subkeys, _note_sealing, _note_index):
        try:
            note()
        except IntegrityError:
            db.session.rollback()  # another process started at this moment and was first
        kept_keys.forget_cache()


def findings() -> list[str]:
    """What is wrong with the configured keys; empty when all is proven. Writes nothing."""
    known = canaries()
    found = [*_sealing(known[SEALING]), *_index(known[INDEX])] if known[SEALING] else _against_data()
    end_reading()
    return found


def canaries() -> dict[str, list[KeyCanary]]:
    rows = list(db.session.scalars(select(KeyCanary).order_by(KeyCanary.position, KeyCanary.added_at)))
    return {kind: [row for row in rows if row.kind == kind] for kind in (SEALING, INDEX, INDEX_NEXT)}


def opens(canary: KeyCanary, key: bytes) -> bool:
    """Whether this key is the one that had this id when the canary was sealed."""
    box = Sealer([(canary.key_id, key)], bytes(KEY_BYTES))
    try:
        return box.open(canary.sealed, _context(canary.key_id)) == SENTENCE
    except SealBroken:
        return False


def _sealing(known: list[KeyCanary]) -> list[str]:
    given, found = dict(settings().sealing_keys), []
    for canary in known:
        name = canary.key_id
        if name in given and not opens(canary, given[name]):
            found.append(f"setting SEALING_KEYS has another key under the name {name!r} than before.")
        elif name not in given and canary.retired_at is None:
            found.append(
                f"setting SEALING_KEYS lacks key {name!r}, under which data lies. Put it back behind the newest; "
                "after `flask keys rotate` it can go."
            )
    return found


def _index(known: list[KeyCanary]) -> list[str]:
    marks = [mark_of(key) for key in settings().index_keys]
    used = [canary.key_id for canary in known]
    if used[-1] not in marks:
        return ["setting INDEX_KEY is not the key of the stored indexes. To replace it, write new,old and run "
                "`flask keys rotate`."]
    if marks[0] in used[:-1]:
        return ["setting INDEX_KEY begins with a key that was replaced before. Write the newest first."]
    return []


def _against_data() -> list[str]:
    """Before the first canary: does what is stored open?"""
    lines = list(db.session.scalars(select(JournalLine).order_by(JournalLine.seq.desc()).limit(SAMPLES)))
    if lines and all(line.hash != line_hash(line) for line in lines):  # one alone may have been altered
        return ["setting INDEX_KEY is not the one the journal was written with."]
    wrong, opened = [], 0
    for ask, column, read in (
        (Application.created_at, Application.personal_sealed, open_personal),
        (OutboxMessage.created_at, OutboxMessage.payload_sealed, open_payload),
    ):
        for order in (ask.asc(), ask.desc()):
            for row in db.session.scalars(select(ask.class_).where(column.is_not(None)).order_by(order).limit(SAMPLES)):
                try:
                    opened += bool(read(row))
                except SealBroken as error:
                    wrong.append(error)
    lacking = next((error for error in wrong if isinstance(error, UnknownKey) or not opened), None)
    if lacking is None:
        return []
    return [f"setting SEALING_KEYS lacks the right key {lacking.key_id!r}, under which data lies."]


def _note_sealing() -> None:
    known = {canary.key_id: canary for canary in canaries()[SEALING]}
    newest = settings().sealing_keys[0][0]
    missing = [one for one in settings().sealing_keys if one[0] not in known]
    back_in_use = newest in known and known[newest].retired_at is not None
    end_reading()
    if not missing and not back_in_use:
        return
    with transaction() as session:
        for name, key in missing:
            sealed = Sealer([(name, key)], bytes(KEY_BYTES)).seal(SENTENCE, _context(name))
            session.add(KeyCanary(kind=SEALING, key_id=name, sealed=sealed))
            journal.record("key_added", actor=journal.SYSTEM, about=("installation", ""), detail={"key": name})
        if back_in_use:
            session.get_one(KeyCanary, (SEALING, newest)).retired_at = None


def _note_index() -> None:
    known = canaries()
    newest = mark_of(settings().index_keys[0])
    waiting = {canary.key_id for canary in known[INDEX_NEXT]}
    end_reading()
    if not known[INDEX]:
        with transaction() as session:
            session.add(KeyCanary(kind=INDEX, key_id=mark_of(settings().index_keys[-1])))
    elif newest not in waiting | {canary.key_id for canary in known[INDEX]}:
        with transaction() as session:
            session.add(KeyCanary(kind=INDEX_NEXT, key_id=newest))


def _keep_subkeys() -> None:
    """Random for a house that has written nothing yet, else those that were used so far."""
    kept = kept_keys.kept().subkeys
    wanted = [purpose for purpose in (journal_line.JOURNAL, *PURPOSES) if purpose not in kept]
    if not wanted:
        return
    fresh = not kept and not db.session.scalar(select(JournalLine.seq).limit(1))
    end_reading()
    made = {name: key.hex() for name, key in kept.items()}
    for purpose in wanted:
        made[purpose] = (secrets.token_bytes(KEY_BYTES) if fresh else _derived(purpose)).hex()
    with transaction() as session:
        row = session.get(OwnKey, SUBKEYS)
        sealed = seal_json(sealer(), made, own_context(SUBKEYS))
        if row is None:
            session.add(OwnKey(name=SUBKEYS, sealed=sealed, added_at=clock.now()))
        else:
            row.sealed = sealed


def _derived(purpose: str) -> bytes:
    return journal_line.derived_key() if purpose == journal_line.JOURNAL else sealer().subkey(purpose)


def _context(key_id: str) -> str:
    return f"key_canary:{key_id}"
