"""What one feature does to another without knowing it: told here and nowhere by an import."""

from app.complaints import delivery, kept_messages, whatsapp_in
from app.notifications import audience, calls, inbox


def connect_features() -> None:
    """Called by the factory; a second time changes nothing."""
    inbox.LISTENERS[:] = [whatsapp_in.listen]
    calls.LISTENERS[:] = [delivery.follow_call]
    audience.OUTGOING["ticket"] = kept_messages.sent_is_open
    audience.KEPT_INBOUND[:] = [kept_messages.received_is_kept]
