"""What was typed into the form and not yet saved: kept sealed with the draft, field by field, until the step is saved.

The password's text is never among it.
"""

import json
from collections.abc import Mapping

from app.base.database import transaction
from app.base.problems import StaleDecision
from app.base.services import sealer
from app.registration.fields import KEPT
from app.registration.models import Application
from app.registration.status import DRAFT
from app.registration.transitions import lock_application

LONGEST = 1000  # characters of one field; a longer one is refused by its rule anyway
KEYS = {field.key for field in KEPT}


def keep_typed(application_id: str, values: Mapping[str, str]) -> None:
    """Remember these fields as they stand, right or wrong. Raises StaleDecision once it has been sent."""
    given = {key: values[key][:LONGEST] for key in KEYS if key in values}
    if not given:
        return
    with transaction():
        application = lock_application(application_id)
        if application.status != DRAFT:
            raise StaleDecision("Pendaftaran ini sudah dikirim, jadi tidak diubah lagi di sini.")
        text = json.dumps({**typed_of(application), **given})
        application.typed_sealed = sealer().seal(text.encode(), _context(application.id))


def typed_of(application: Application) -> dict[str, str]:
    """Field -> what was typed; empty when nothing waits to be saved."""
    if application.typed_sealed is None:
        return {}
    return json.loads(sealer().open(application.typed_sealed, _context(application.id)))


def _context(application_id: str) -> str:
    return f"application:{application_id}:typed"
