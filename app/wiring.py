"""What one feature does to another without knowing it: told here and nowhere by an import."""

from app.complaints.arriving import by_whatsapp, intake
from app.complaints.desk import answering, case_desk
from app.complaints.ticket import delivery, kept_messages
from app.guarantee import opening as guarantee
from app.guarantee import told as guarantee_told
from app.messages import audience
from app.messages.inbound import inbox
from app.privacy import desk as rights_desk
from app.registration import transitions
from app.retention import deletions
from app.review import clock_watch
from app.tracking import page as tracking_page


def connect_features() -> None:
    """Called by the factory; a second time changes nothing."""
    inbox.LISTENERS[:] = [by_whatsapp.listen]
    audience.LISTENERS[:] = [delivery.follow]
    transitions.ON_MISSED[:] = [clock_watch.note_missed, guarantee.promise_missed]
    transitions.ON_CHANGED[:] = [guarantee.follow]
    answering.ON_UPHELD[:] = [guarantee.complaint_upheld]
    case_desk.ON_TAKEN_BACK[:] = [guarantee.upheld_taken_back]
    intake.ON_LATENESS[:] = [guarantee.lateness_told]
    tracking_page.BESIDE[:] = [guarantee_told.told_of]
    rights_desk.ON_DELETION[:] = [deletions.carry_out]
    audience.OUTGOING["ticket"] = kept_messages.sent_is_open
    audience.KEPT_INBOUND[:] = [kept_messages.received_is_kept]
