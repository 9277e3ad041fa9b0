"""The service standard as the office approved it, version by version."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.problems import FormRejected
from app.base.services import city
from app.evaluation.filling import Typed
from app.evaluation.models import StandardVersion


def published() -> list[list[str]]:
    """(letter and name, text) of each component and the maklumat, as the city file says them now."""
    known = city()
    sources = {
        "channels": [channel.name for channel in known.channels], "oversight": list(known.oversight),
        "legal_bases": [" ".join(filter(None, (law.title, law.article))) for law in known.legal_bases],
    }
    found = [
        [f"{one.letter}. {one.name}", "\n".join(sources[one.source] if one.source else one.items)]
        for one in known.standard.components
    ]
    return [*found, ["Maklumat Pelayanan", known.standard.maklumat]]


def hash_of(content: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def versions() -> list[StandardVersion]:
    """The newest first."""
    return list(db.session.scalars(select(StandardVersion).order_by(StandardVersion.number.desc())))


def in_force(day: date | None = None) -> StandardVersion | None:
    """The version of that day, or of today."""
    query = select(StandardVersion).where(StandardVersion.valid_from <= (day or clock.today()))
    return db.session.scalar(query.order_by(StandardVersion.valid_from.desc(), StandardVersion.number.desc()).limit(1))


def is_unrecorded() -> bool:
    """Whether the city file says something that no recorded version says."""
    newest = db.session.scalar(select(StandardVersion).order_by(StandardVersion.number.desc()).limit(1))
    return newest is None or newest.content_hash != hash_of(published())


def record(values: Mapping[str, str], staff) -> int:
    """Record what the city file says now as the next version. Raises FormRejected. Returns its number."""
    typed = Typed(values)
    valid_from = typed.day("valid_from")
    approved_by = typed.line("approved_by", 200)
    document, change = typed.line("document", 200, may_be_empty=True), typed.line("change", 1000)
    typed.settle()
    with transaction() as session:
        last = session.scalar(select(func.max(StandardVersion.number))) or 0
        before = session.get(StandardVersion, last)
        if before is not None and valid_from < before.valid_from:
            raise FormRejected({"valid_from": ["Tanggal ini lebih awal dari versi sebelumnya."]})
        content = published()
        session.add(StandardVersion(
            number=last + 1, valid_from=valid_from, approved_by=approved_by, document=document, change=change,
            content=content, content_hash=hash_of(content), recorded_by=staff.id,
        ))
        journal.record(
            "standard_version_recorded", actor=journal.Actor("staff", staff.id), about=("standard", str(last + 1)),
        )
    return last + 1


def changes_between(first: date, last: date) -> list[StandardVersion]:
    """Versions that came into force from `first` to `last`, both inside, the oldest first."""
    query = select(StandardVersion).where(StandardVersion.valid_from.between(first, last))
    return list(db.session.scalars(query.order_by(StandardVersion.number)))
