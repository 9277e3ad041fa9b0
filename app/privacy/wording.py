"""The words of a request, sealed: what was asked and what was answered."""

from dataclasses import dataclass

from app.base import clock
from app.base.sealing import open_record, seal_record
from app.base.services import sealer
from app.privacy.models import RightsRequest

ERASED = "Isi sudah dihapus sesuai masa simpan."


@dataclass(frozen=True)
class Asked:
    """What was asked: free words, and for a correction the field and its normalised new value."""

    text: str
    field: str = ""
    value: str = ""


def asked_of(row: RightsRequest) -> Asked:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Asked, row.text_sealed, _context(row, "text"))


def answer_of(row: RightsRequest) -> str:
    if row.answer_sealed is None:
        return ""
    return sealer().open(row.answer_sealed, _context(row, "answer")).decode()


def seal_asked(row: RightsRequest, asked: Asked) -> None:
    row.text_sealed = seal_record(sealer(), asked, _context(row, "text"))


def seal_answer(row: RightsRequest, text: str) -> None:
    row.answer_sealed = sealer().seal(text.encode(), _context(row, "answer"))


def blank(row: RightsRequest) -> None:
    """The words of both sides go, inside the caller's transaction; kind, decision and moments stay."""
    seal_asked(row, Asked(ERASED))
    seal_answer(row, ERASED)
    row.erased_at = clock.now()


def _context(row: RightsRequest, part: str) -> str:
    return f"rights_request:{row.id}:{part}"
