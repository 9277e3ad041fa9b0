"""The long texts of `city.toml`: the service standard and the privacy notice."""

from datetime import date
from typing import Literal

from app.city.reading import MayBeEmpty, section

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
    whoever changes the text changes it too."""

    version: str
    title: str
    introduction: str
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
