"""What makes this counter the counter of one city: `city.toml`, read once at the start."""

import re
from datetime import date
from pathlib import Path
from typing import Literal

from app.city.reading import BadFile, Hours, MayBeEmpty, read_file, section
from app.city.sections import (
    CannedAnswer,
    Channel,
    ComplaintDays,
    ComplaintInbox,
    ComplaintUnit,
    Contacts,
    Guarantee,
    LegalBasis,
    Link,
    Period,
    Region,
    Registration,
    Retention,
    Survey,
)

# The long texts of `city.toml`: the service standard and the privacy notice.

LETTERS = "ABCDEFGHIJKLMN"


@section
class Component:
    """One of the fourteen components (Permenpan RB 15/2014; docs/facts.md 8).

    `source` names another part of the file that fills the component instead of `items`, so that a
    contact or a law is written once. `ordered` items are steps.
    """

    letter: str
    name: str
    part: Literal["delivery", "manufacturing"]
    items: tuple[str, ...] = ()
    ordered: bool = False
    note: MayBeEmpty = ""
    source: Literal["", "channels", "legal_bases", "oversight"] = ""

    def __post_init__(self):
        if bool(self.items) == bool(self.source):
            raise ValueError("needs either items or source")


@section
class Standard:
    title: str
    product: str
    fee: str
    components: tuple[Component, ...]
    maklumat: str
    officers: int = 6
    operators: int = 6

    def __post_init__(self):
        if "".join(component.letter for component in self.components) != LETTERS:
            raise ValueError("components must be the fourteen letters A to N, in order, each once")


@section
class Paragraph:
    heading: str
    text: str


@section
class Privacy:
    """The notice a resident acknowledges (UU 27/2022 art. 21). `version` is the date of its text:
    whoever changes the text changes it too. `short` is the first layer, a few sentences before the whole."""

    version: str
    title: str
    introduction: str
    short: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]
    contact: str
    answer_hours: int

    def __post_init__(self):
        if not _is_date(self.version):
            raise ValueError('version must be a date in quotes such as "2026-11-22"')

    @property
    def since(self) -> date:
        return date.fromisoformat(self.version)

    @property
    def text(self) -> str:
        """The whole notice as plain text: this is what is hashed and kept with an acknowledgement."""
        parts = (f"{paragraph.heading}: {paragraph.text}" for paragraph in self.paragraphs)
        return "\n\n".join((self.title, self.introduction, *parts))


def _is_date(text: str) -> bool:
    # date.fromisoformat alone takes 20261122, too
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


class BadCityFile(SystemExit):
    """Stops the start. The text names the file and the faulty key."""

    def __init__(self, path: Path, error: BadFile):
        super().__init__(f"Loket does not start: {path.name}: {error}.")
        self.key = error.key


@section
class City:
    """Everything a city changes. Hours are WIB; `public_domain` is the one true address."""

    name: str
    short_name: str
    office_name: str
    address: str
    public_domain: str
    contacts: Contacts
    office_hours: Hours
    ramadan_hours: Hours
    ramadan: tuple[Period, ...]
    region: Region
    registration: Registration
    complaint_days: ComplaintDays
    complaint_inbox: ComplaintInbox
    complaint_units: tuple[ComplaintUnit, ...]
    canned_answers: tuple[CannedAnswer, ...]
    retention: Retention
    guarantee: Guarantee
    oversight: tuple[str, ...]
    channels: tuple[Channel, ...]
    further_ways: tuple[Link, ...]
    legal_bases: tuple[LegalBasis, ...]
    standard: Standard
    privacy: Privacy
    survey: Survey
    services: tuple[Link, ...] = ()

    def __post_init__(self):
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", self.public_domain):
            raise ValueError("public_domain must be a bare name such as contoh.go.id")
        keys = [channel.key for channel in self.channels]
        if len(set(keys)) < len(keys):
            raise ValueError("channels: a key stands twice")
        if not any(self.office_hours.days):
            raise ValueError("office_hours: the office is never open")


def load_city(path: Path) -> City:
    """Raises BadCityFile, naming the key that is missing, unknown or wrong."""
    try:
        return read_file(City, path)
    except BadFile as error:
        raise BadCityFile(path, error) from None
