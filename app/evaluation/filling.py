"""Reading the fields of the registers: each rule says in Indonesian what is wrong, and all faults are told at once."""

from collections.abc import Mapping
from datetime import date

from app.base.problems import FormRejected
from app.identity.findings import FieldError
from app.identity.text import clean_text


class Typed:
    """What was typed; `settle` raises FormRejected with everything that was wrong."""

    def __init__(self, values: Mapping[str, str]):
        self._values, self.errors = values, {}

    def line(self, name: str, most: int, may_be_empty: bool = False) -> str:
        try:
            text = clean_text(self._values.get(name))
        except FieldError as error:
            return self._wrong(name, error.message, "")
        if not text and not may_be_empty:
            return self._wrong(name, "Isi bagian ini.", "")
        if len(text) > most:
            return self._wrong(name, f"Terlalu panjang. Paling banyak {most} huruf.", "")
        return text

    def choice(self, name: str, choices: Mapping[str, str], may_be_empty: bool = False) -> str:
        value = self._values.get(name) or ""
        if value in choices or (may_be_empty and not value):
            return value
        return self._wrong(name, "Pilih satu.", "")

    def day(self, name: str, may_be_empty: bool = False) -> date | None:
        """A date as a browser sends it, 2026-11-30."""
        value = (self._values.get(name) or "").strip()
        if not value and may_be_empty:
            return None
        try:
            found = date.fromisoformat(value)
        except ValueError:
            return self._wrong(name, "Isi tanggalnya.", None)
        return found if 2000 <= found.year <= 2100 else self._wrong(name, "Periksa tahunnya.", None)

    def number(self, name: str, most: int = 100_000) -> int:
        value = (self._values.get(name) or "").strip()
        if value.isascii() and value.isdigit() and int(value) <= most:
            return int(value)
        return self._wrong(name, f"Isi angka 0 sampai {most}.", 0)

    def value(self, name: str) -> str:
        return self._values.get(name) or ""

    def refuse(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, [sentence])

    def settle(self) -> None:
        if self.errors:
            raise FormRejected(self.errors)

    def _wrong(self, name: str, sentence: str, value):
        self.refuse(name, sentence)
        return value
