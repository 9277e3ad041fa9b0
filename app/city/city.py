"""What makes this counter the counter of one city: `city.toml`, read once at the start."""

import re
from pathlib import Path

from app.city.reading import BadFile, Hours, read_file, section
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
from app.city.texts import Privacy, Standard


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
    services: tuple[Link, ...]
    legal_bases: tuple[LegalBasis, ...]
    standard: Standard
    privacy: Privacy
    survey: Survey

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
