"""The rooms the public and the office may enter."""

from flask import Flask

from app.accounts.lock_views import blueprint as staff_lock
from app.accounts.staff_views import blueprint as staff_accounts
from app.casework.views import blueprint as work
from app.casework.views import bulk_pages as many
from app.citizen_account.recovery_views import blueprint as recovery
from app.citizen_account.request_views import blueprint as account_requests
from app.citizen_account.sign_in_views import blueprint as accounts
from app.citizen_account.views import blueprint as citizen_account
from app.complaints.desk.desk_views import blueprint as complaint_desk
from app.complaints.desk.staff_views import blueprint as complaint_inbox
from app.complaints.desk.staff_views import incidents_blueprint as incidents
from app.complaints.desk.staff_views import ready_blueprint as ready_answers
from app.complaints.public.views import blueprint as complaints
from app.complaints.reports.figure_views import blueprint as complaint_figures
from app.correspondence.call_views import blueprint as calls
from app.correspondence.views import blueprint as notifications
from app.correspondence.views import mails_blueprint as mails
from app.doctor.report import blueprint as doctor
from app.evaluation.register_views import blueprint as registers
from app.evaluation.views import blueprint as evaluation
from app.evaluation.views import download_pages as downloads
from app.guarantee.views import blueprint as guarantees
from app.guarantee.views import courier
from app.guarantee.views import resident as guarantee
from app.information.views import blueprint as information
from app.messages.whatsapp.webhook_views import blueprint as whatsapp
from app.office.account_views import blueprint as office_accounts
from app.office.account_views import duty_blueprint as duty
from app.office.staff_views import blueprint as staff_admin
from app.office.views import blueprint as office
from app.office.views import reasons_blueprint as reasons
from app.oversight.views import blueprint as oversight
from app.oversight.views import public_blueprint as performance
from app.privacy.desk_views import blueprint as privacy_desk
from app.privacy.views import blueprint as privacy
from app.process.health import blueprint as health
from app.process.metrics import blueprint as metrics
from app.registration.keep_views import blueprint as keeping
from app.registration.mend_views import blueprint as mending
from app.registration.views import blueprint as registration
from app.review.act_views import blueprint as review_acts
from app.review.act_views import second_pages as second
from app.review.case_views import blueprint as cases
from app.review.views import blueprint as review
from app.review.views import figures_blueprint as review_figures
from app.review.views import outages_blueprint as outages
from app.survey.desk_views import blueprint as survey_desk
from app.survey.views import blueprint as survey
from app.tracking.views import blueprint as tracking

ROOMS = (
    health, metrics, doctor, information, registration, keeping, mending, tracking,
    accounts, citizen_account, recovery, account_requests, privacy, privacy_desk,
    survey, survey_desk, registers, evaluation, downloads,
    complaints, complaint_inbox, ready_answers, complaint_desk, incidents, complaint_figures, mails,
    guarantee, guarantees, courier, duty,
    work, many, review, cases, review_acts, second, outages, review_figures, notifications, calls, whatsapp,
    oversight, performance, staff_accounts, staff_lock, staff_admin, office, office_accounts, reasons,
)


def register_blueprints(app: Flask) -> None:
    for blueprint in ROOMS:
        app.register_blueprint(blueprint)
