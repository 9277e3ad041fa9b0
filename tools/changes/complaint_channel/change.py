"""A portal of the province hands over its complaints: a worker's job fetches them, each becomes a ticket once."""

MOST = 4
READER = '''"""Complaints of the portal, which lists them as JSON, oldest first: one ticket each."""

import requests

from app.base.services import settings
from app.complaints.arriving import intake
from app.complaints.ticket.personal import Contact

CHANNEL = "lapor"
TIMEOUT = (4, 12)


def take_new() -> int:
    """Keep what is listed; what is known already changes nothing. Returns how many were listed."""
    if not settings().portal_url:
        return 0
    listed = requests.get(settings().portal_url, timeout=TIMEOUT).json()
    for one in listed:
        contact = Contact(name=one["name"], phone=one["phone"])
        intake.receive(CHANNEL, contact, one["text"], external_id=one["id"],
                       details=intake.Details(outside_reference=one["id"]))
    return len(listed)
'''
EDITS = [
    ("app/complaints/arriving/by_portal.py", "", READER),
    ("app/process/worker.py", '    Job("read-mailbox",', '    Job("read-portal", 300, by_portal.take_new),\n    Job("read-mailbox",'),
    ("app/process/worker.py", "from app.complaints.arriving import by_email\n", "from app.complaints.arriving import by_email, by_portal\n"),
    ("app/settings/settings.py", '    twilio: TwilioSettings | None = None\n', '    twilio: TwilioSettings | None = None\n    portal_url: str = ""\n'),
]
