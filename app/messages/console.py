"""The gateway of the demo: prints instead of sending. Names and numbers are masked, because the
output of a running demo is kept in terminals and logs."""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TextIO

from app.messages import states
from app.messages.addresses import mask_address
from app.messages.gateway import (
    Accepted,
    Attachment,
    AttachmentRefused,
    BadCallback,
    CannotTell,
    Capabilities,
    Finding,
    InboundNews,
    Outcome,
    Outgoing,
    Sought,
    StatusNews,
)

WIDTH = 78


class ConsoleGateway:
    """Nobody can write to a console, so it verifies nothing and refuses every callback."""

    name = "console"
    capabilities = Capabilities(templates=False, window=None, receipts=False, inbound=False)

    def __init__(self, stream: TextIO | None = None, label: str = "WhatsApp"):
        self._stream, self._label = stream, label

    def send(self, message: Outgoing) -> Outcome:
        stream = self._stream or sys.stdout
        heading = f"--- {self._label} ke {mask_address(message.to)}: {message.title} "
        print(f"\n{heading:-<{WIDTH}}\n{message.masked}\n{'-' * WIDTH}", file=stream, flush=True)
        return Accepted(f"console-{message.reference}", states.SENT)

    def look_up(self, sought: Sought) -> Finding:
        return CannotTell()

    def verify(self, url: str, form: Mapping, headers: Mapping[str, str]) -> bool:
        return False

    def read_status(self, form: Mapping[str, str], query: Mapping[str, str]) -> StatusNews:
        raise BadCallback("no callbacks here")

    def read_inbound(self, form: Mapping[str, str]) -> InboundNews:
        raise BadCallback("no callbacks here")

    def inbound_since(self, moment: datetime) -> Iterator[InboundNews]:
        return iter(())

    def fetch(self, attachment: Attachment) -> bytes:
        raise AttachmentRefused("no_attachments", permanent=True)

    def forget(self, attachment: Attachment) -> None:
        """Nothing was kept."""
