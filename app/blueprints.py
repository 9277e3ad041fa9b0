"""The rooms the public and the office may enter."""

from flask import Flask

from app.accounts.staff_views import blueprint as staff_accounts
from app.accounts.views import blueprint as accounts
from app.complaints.views import blueprint as complaints
from app.health import blueprint as health
from app.information.views import blueprint as information
from app.notifications.call_views import blueprint as calls
from app.notifications.views import blueprint as notifications
from app.notifications.webhook_views import blueprint as whatsapp
from app.registration.keep_views import blueprint as keeping
from app.registration.mend_views import blueprint as mending
from app.registration.views import blueprint as registration
from app.review.views import blueprint as review
from app.tracking.views import blueprint as tracking

ROOMS = (
    health, information, registration, accounts, staff_accounts, review, notifications, calls, whatsapp,
    keeping, mending, tracking, complaints,
)


def register_blueprints(app: Flask) -> None:
    for blueprint in ROOMS:
        app.register_blueprint(blueprint)
