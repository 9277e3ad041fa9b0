"""What a resident keeps: the receipt as a picture, and the way back to an unfinished draft; and how
the phone forgets both."""

from urllib.parse import quote

from flask import Blueprint, g, render_template, request, url_for

from app.base.problems import NotFound
from app.registration.draft_cookie import COOKIE, FORGOTTEN
from app.registration.drafts import forget_on_phone, resume_link
from app.registration.models import Application
from app.registration.personal import open_pin
from app.registration.receipt import receipt_png
from app.registration.service import existing_application
from app.registration.status import DRAFT
from app.web.access import draft_holder, public
from app.web.forms import EmptyForm
from app.web.headers import png_response
from app.web.htmx import go_to, render

blueprint = Blueprint("keeping", __name__, url_prefix="/daftar")


@blueprint.get("/bukti.png")
@draft_holder
def receipt():
    return png_response(receipt_png(_sent()), "bukti-pendaftaran")


@blueprint.get("/bukti")
@draft_holder
def print_receipt():
    return render(
        "registration/receipt.html", application=_sent(), picture=url_for("keeping.receipt"),
        back=url_for("registration.done"),
    )


@blueprint.get("/lanjut-nanti")
@draft_holder
def later():
    """Number and PIN of the draft, from the first saved step on."""
    return _later_page(_draft())


@blueprint.post("/lanjut-nanti")
@draft_holder
def make_link():
    draft = _draft()
    words = render_template("registration/resume_message.txt", link=resume_link(draft.id)).strip()
    return _later_page(draft, f"https://wa.me/?text={quote(words, safe='')}")


@blueprint.get("/hapus")
@draft_holder
def ask_to_forget():
    """Number and PIN once more, because nothing else leads back to a draft."""
    application = existing_application(g.application_id)
    if application.status != DRAFT:
        return go_to(url_for("registration.done"))
    return render(
        "registration/forget.html", number=application.number, draft=application.id,
        pin=open_pin(application) if application.number else "", form=EmptyForm(formdata=None),
    )


@blueprint.post("/hapus")
@draft_holder
def forget():
    sent = forget_on_phone(g.application_id)
    answer = go_to(url_for(FORGOTTEN) if sent else url_for(FORGOTTEN, belum=1))
    answer.headers["Clear-Site-Data"] = '"cache"'  # the small copies of the photos
    return COOKIE.take(answer)


@blueprint.get("/dihapus")
@public
def forgotten():
    """After sending this is also where an hour later everything ends by itself."""
    return render("registration/forgotten.html", unfinished="belum" in request.args)


def _later_page(draft: Application, whatsapp_url: str = ""):
    return render(
        "registration/later.html", number=draft.number, pin=open_pin(draft) if draft.number else "",
        whatsapp_url=whatsapp_url, form=EmptyForm(formdata=None),
    )


def _draft() -> Application:
    application = existing_application(g.application_id)
    if application.status != DRAFT:
        raise NotFound()
    return application


def _sent() -> Application:
    application = existing_application(g.application_id)
    if application.status == DRAFT:
        raise NotFound()
    return application
