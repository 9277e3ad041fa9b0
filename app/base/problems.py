"""What can go wrong in the domain, as plain exceptions.

Services raise these; `errors.py` turns them into pages. They carry the HTTP status they lead to,
because the contract fixes it, but know nothing of requests.
"""

import math


class DomainError(Exception):
    """A refusal with a sentence for the person in front of the screen (Indonesian)."""

    status = 422
    message = "Permintaan ini tidak dapat diproses."

    def __init__(self, message: str | None = None):
        super().__init__(message or self.message)
        self.message = message or self.message


class NotFound(DomainError):
    status = 404
    message = "Alamatnya mungkin salah ketik, atau datanya sudah dihapus."


class NotAllowed(DomainError):
    status = 403
    message = "Anda tidak berhak membuka atau melakukan ini."


class StaleDecision(DomainError):
    """Somebody else acted first, or the page shows an old version."""

    status = 409
    message = "Data ini sudah berubah sejak Anda membukanya. Tidak ada yang disimpan."


class TooManyRequests(DomainError):
    """`retry_after` is in whole seconds; without a `message` the sentence says how long that is."""

    status = 429

    def __init__(self, retry_after: int, message: str | None = None):
        self.retry_after = max(1, int(retry_after))
        super().__init__(message or f"Terlalu banyak percobaan. Coba lagi dalam {_in_words(self.retry_after)}.")


class TemporarilyUnavailable(DomainError):
    status = 503
    message = "Layanan sedang sibuk. Coba lagi beberapa saat lagi. Isian Anda tidak hilang."


class FormRejected(DomainError):
    """One or more fields are wrong; `errors` maps a field name to sentences."""

    def __init__(self, errors: dict[str, list[str]]):
        super().__init__("Ada isian yang perlu diperbaiki.")
        self.errors = errors

    @property
    def sentences(self) -> str:
        """All of them, for whoever has no fields before him."""
        return " ".join(sentence for told in self.errors.values() for sentence in told)


def _in_words(seconds: int) -> str:
    """Rounded up, so that nobody is told to come back too early."""
    for unit, name in ((3600, "jam"), (60, "menit")):
        if seconds > unit:
            return f"{math.ceil(seconds / unit)} {name}"
    return f"{seconds} detik"


class PhotoMissing(NotFound):
    """The photo store answers, and has no such object."""

    message = "Foto ini tidak ditemukan."
