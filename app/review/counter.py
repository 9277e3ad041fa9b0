"""Counter service: staff fill in the registration of a resident who has no smartphone.

It goes the same road as every other one, and carries who filed it, who may then not decide it.
"""

from app.accounts.models import Staff
from app.base.services import city
from app.registration.drafts import start_draft


def start_at_counter(staff: Staff) -> str:
    """Token of a new draft, filed by this member of staff. The notice was read out to the resident."""
    notice = city().privacy
    return start_draft(
        notice_version=notice.version, notice_text=notice.text, survey_consent=False, filed_by=staff.id
    )
