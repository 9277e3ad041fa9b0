"""What one feature does to another without knowing it: told here and nowhere by an import."""

from app.complaints.arriving import by_whatsapp
from app.complaints.public import tracking
from app.complaints.ticket import delivery, kept_messages
from app.messages import audience
from app.messages.inbound import inbox
from app.privacy import desk as rights_desk
from app.registration import transitions
from app.retention import deletions
from app.review import clock_watch
from app.survey import notices as survey_notices


def connect_features() -> None:
    """Called by the factory; a second time changes nothing."""
    inbox.LISTENERS[:] = [by_whatsapp.listen]
    audience.LISTENERS[:] = [delivery.follow]
    tracking.ON_RATING[:] = [survey_notices.of_rating]
    transitions.ON_MISSED[:] = [clock_watch.note_missed]
    rights_desk.ON_DELETION[:] = [deletions.carry_out]
    audience.OUTGOING["ticket"] = kept_messages.sent_is_open
    audience.KEPT_INBOUND[:] = [kept_messages.received_is_kept]
