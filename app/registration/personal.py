"""The personal record of an application: sealed JSON, and the keyed indexes that find it."""

from app.base.sealing import open_record, seal_record
from app.base.services import sealer
from app.identity.name import name_words
from app.registration.fields import Personal
from app.registration.models import Application, NameWord


def seal_personal(application: Application, personal: Personal) -> None:
    """Write the sealed record and its indexes onto the row. The caller replaces the name words."""
    box = sealer()
    application.personal_sealed = seal_record(box, personal, _context(application.id))
    application.nik_index = box.index("nik", personal.nik)
    application.kk_index = box.index("kk", personal.kk_number)
    application.phone_index = box.index("phone", personal.whatsapp_number)


def name_word_rows(application_id: str, full_name: str) -> list[NameWord]:
    indexes = {sealer().index("name-word", word) for word in name_words(full_name)}
    return [NameWord(application_id=application_id, word_index=index) for index in sorted(indexes)]


def open_personal(application: Application) -> Personal:
    """Raises SealBroken when the ciphertext was altered or belongs to another row."""
    return open_record(sealer(), Personal, application.personal_sealed, _context(application.id))


def seal_for_citizen(citizen_id: str, personal: Personal) -> bytes:
    """The account keeps its own copy, bound to its own row."""
    return seal_record(sealer(), personal, f"citizen:{citizen_id}:personal")


def open_citizen(citizen) -> Personal:
    return open_record(sealer(), Personal, citizen.personal_sealed, f"citizen:{citizen.id}:personal")


def seal_pin(application: Application, pin: str) -> None:
    application.pin_sealed = sealed_pin(application.id, pin)


def sealed_pin(application_id: str, pin: str) -> bytes:
    return sealer().seal(pin.encode(), f"application:{application_id}:pin")


def open_pin(application: Application) -> str:
    return sealer().open(application.pin_sealed, f"application:{application.id}:pin").decode()


def _context(application_id: str) -> str:
    return f"application:{application_id}:personal"
