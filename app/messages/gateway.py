"""The seam to the channels: one small interface (which gateway the settings choose stands in choose_gateway.py).

Every gateway is a twin of the console: same interface, same tests. A gateway knows no database; it
gets plain values and answers in plain words. Nothing of it is Twilio's alone: Meta's Cloud API or
Qontak would fit behind it unchanged (docs/whatsapp.md, facts 9).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class TemplateUse:
    """An approved template at the provider, and the values of {{1}}, {{2}}, ... in order."""

    provider_id: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """What a letter has and a short message has not. `references` are Message-IDs, the answered one last;
    `automatic` is what no person wrote, so that no machine answers it."""

    message_id: str
    references: tuple[str, ...]
    automatic: bool
    at: datetime


@dataclass(frozen=True)
class Outgoing:
    """One message, ready to go: as `template`, or as free `text` when that is None.

    `reference` is our outbox id and comes back with every callback; `masked` is the text without
    the person's name; `lifetime` limits how long the provider may keep trying. The subject of a letter is
    its `title`.
    """

    reference: str
    to: str = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    masked: str = field(repr=False)
    template: TemplateUse | None = None
    lifetime: timedelta | None = None
    heading: Heading | None = None


@dataclass(frozen=True)
class Accepted:
    """The provider has it. `state` is one of states.ON_THE_WAY."""

    provider_id: str
    state: str = "accepted"


@dataclass(frozen=True)
class Refused:
    """Certainly not sent. `code` is a key of the error table, which says whether to try again."""

    code: str


@dataclass(frozen=True)
class Unclear:
    """It may or may not have been sent: nobody may simply send again."""

    code: str


Outcome = Accepted | Refused | Unclear


@dataclass(frozen=True)
class Sought:
    """A message of which nobody knows whether it was sent: `mark` stands in its text and in no other's."""

    to: str
    mark: str
    since: datetime


@dataclass(frozen=True)
class StatusNews:
    """What the provider says of one message. `reference` is our outbox id or "", `status` its word."""

    provider_id: str
    reference: str
    status: str
    code: str = ""


@dataclass(frozen=True)
class Found:
    """The provider has it, in this status."""

    news: StatusNews


@dataclass(frozen=True)
class NotThere:
    """The provider never got it."""


@dataclass(frozen=True)
class CannotTell:
    """The provider was not reachable, or its list does not show what we need."""


Finding = Found | NotThere | CannotTell


@dataclass(frozen=True)
class Attachment:
    url: str = field(repr=False)
    declared_type: str = ""


@dataclass(frozen=True)
class InboundNews:
    """One message from a person. `contact` is E.164 or `ID....`; `replied_to` a provider id."""

    provider_id: str
    contact: str = field(repr=False)
    text: str = field(repr=False)
    profile_name: str = field(default="", repr=False)
    external_id: str = field(default="", repr=False)
    replied_to: str = ""
    opt: str = ""
    kind: str = ""
    attachments: tuple[Attachment, ...] = ()
    received_at: datetime | None = None


class BadCallback(ValueError):
    """A signed callback that makes no sense. The text names the field, never its value."""


class ForeignCallback(Exception):
    """A signed callback of another account, or for another number than ours."""


class AttachmentRefused(Exception):
    """`permanent` says whether trying again is useless; the text is a code."""

    def __init__(self, code: str, permanent: bool):
        super().__init__(code)
        self.code, self.permanent = code, permanent


@dataclass(frozen=True)
class Capabilities:
    """`window` is how long after a person's message free text is allowed; None: always.

    `receipts` says that "delivered" is reported, so that silence means something.
    """

    templates: bool
    window: timedelta | None
    receipts: bool
    inbound: bool


class Gateway(Protocol):
    """What every channel has."""

    name: str
    capabilities: Capabilities

    def send(self, message: Outgoing) -> Outcome:
        """Hand one message over. Never raises for what the network or the provider does."""


class TwoWayGateway(Gateway, Protocol):
    """What a followed channel has besides: its provider reports, and takes what people write."""

    def look_up(self, sought: Sought) -> Finding:
        """Ask whether a message in doubt arrived."""

    def verify(self, url: str, form: Mapping, headers: Mapping[str, str]) -> bool:
        """Whether a callback was signed by the provider. `url` is public and byte for byte as sent."""

    def read_status(self, form: Mapping[str, str], query: Mapping[str, str]) -> StatusNews:
        """Raises BadCallback, ForeignCallback."""

    def read_inbound(self, form: Mapping[str, str]) -> InboundNews:
        """Raises BadCallback, ForeignCallback."""

    def inbound_since(self, moment: datetime) -> Iterator[InboundNews]:
        """What the provider received for us since then; raises ConnectionError."""

    def fetch(self, attachment: Attachment) -> bytes:
        """The file of an attachment. Raises AttachmentRefused."""

    def forget(self, attachment: Attachment) -> None:
        """Have the provider delete its copy; failing is harmless."""


class OfficeUnreachable(Exception):
    """The provider refused or was not reachable. The text is safe to print."""


@dataclass(frozen=True)
class KnownTemplate:
    """A template as the provider lists it; `body` is empty for an authentication template."""

    name: str
    provider_id: str
    body: str
    status: str
    rejection: str


class TemplateOffice(Protocol):
    """Where templates are created, submitted and approved. Every method raises OfficeUnreachable."""

    def create_text(self, name: str, body: str, samples: Mapping[str, str]) -> str: ...

    def create_code(self, name: str, minutes: int, samples: Mapping[str, str]) -> str: ...

    def submit(self, provider_id: str, name: str, category: str) -> str: ...

    def all(self) -> Iterator[KnownTemplate]: ...
