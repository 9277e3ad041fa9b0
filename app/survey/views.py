"""/survei: the form for everybody, four screens without JavaScript; /skm: the index as it is published."""

import base64
import binascii
from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for

from app.accounts.gates import signed_in
from app.accounts.sessions import CITIZEN
from app.base.problems import FormRejected, NotFound
from app.base.sealing import SealBroken, open_json, seal_json
from app.base.services import sealer
from app.registration.draft_cookie import held_application
from app.registration.status import DRAFT
from app.survey import answering, figures
from app.survey.answering import PARTS, Filled, LinkOver
from app.survey.elements import ACCOUNT, CODES, SENT, TAPS
from app.survey.forms import RestForm, for_elements
from app.web.access import public
from app.web.cookies import Cookie
from app.web.errors import to_the_door
from app.web.htmx import go_to, push_url, render, wants_fragment

blueprint = Blueprint("survey", __name__)
# what was answered so far, sealed, in the browser alone: the server knows nothing until the end
COOKIE = Cookie("survei", timedelta(hours=1))
CONTEXT, LONGEST_COOKIE = "survey-draft", 2000
OPENLY = ""  # no token yet: it is made when the first screen is sent
blueprint.add_app_template_global(TAPS, "tap_words")


@blueprint.get("/survei")
@public
def start():
    """The code at the counter leads here: always an empty form, because the tablet is everybody's."""
    return _give(redirect(url_for("survey.part", number="1"), 303), OPENLY, {})


@blueprint.get("/survei/t/<token>")
@public
def start_by_link(token: str):
    """Looking uses nothing up: WhatsApp itself opens a link to show what is behind it."""
    if not answering.works(token):
        return _over_page()
    held_token, marks = _held()
    return _give(redirect(url_for("survey.part", number="1"), 303), token, marks if held_token == token else {})


@blueprint.get("/survei/bagian/<any('1','2','3','4'):number>")
@public
def part(number: str):
    return _elsewhere(int(number)) or _part_page(int(number))


@blueprint.post("/survei/bagian/<any('1','2','3','4'):number>")
@public
def answer(number: str):
    if other := _elsewhere(int(number)):
        return other
    return _finish() if int(number) == PARTS else _next(int(number))


@blueprint.get("/survei/keluar")
@public
def leave():
    return COOKIE.take(go_to(url_for("information.home")))


@blueprint.get("/survei/selesai")
@public
def done():
    return render("survey/done.html")


@blueprint.post("/survei/ketuk")
@public
def tap():
    """One of five faces on the receipt or in the account; whoever it was is kept nowhere."""
    place = request.form.get("place", "")
    person, page = _person_at(place)
    value = request.form.get("value", "")
    if person is None or value not in map(str, TAPS):
        raise NotFound()
    counted = answering.tap(place, person, int(value))
    flash("Terima kasih atas penilaian Anda." if counted else "Penilaian Anda sudah kami terima. Terima kasih.")
    return go_to(url_for(page))


@blueprint.get("/skm")
@public
def published():
    period = figures.newest_published()
    return render("survey/published.html", figures=figures.of_months(period.first, period.last), period=period,
                  fewest=figures.FEWEST_TOLD, fewest_in_a_group=figures.FEWEST_IN_A_GROUP)


@blueprint.app_template_global("tap_place")
def _tap_place(place: str) -> bool:
    """Whether the question with five faces is shown here: to whoever has not answered it this month."""
    person, _ = _person_at(place)
    return person is not None and not answering.has_tapped(place, person)


def _person_at(place: str) -> tuple[str | None, str]:
    """Whom a tap of this browser at `place` counts for, and the page it stands on."""
    if place == SENT:
        held = held_application()
        return (held.id if held is not None and held.status != DRAFT and not held.filed_by else None,
                "registration.done")
    if place == ACCOUNT and (person := signed_in(CITIZEN)):
        return person.id, "citizen_account.home"
    return None, ""


def _next(number: int):
    token, marks = _held()
    elements = answering.elements_of(number)
    form = for_elements(elements)()
    try:
        marks = {**marks, **answering.marks_of(form.single_values(), elements)}
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _part_page(number, form, 422)
    if token == OPENLY:
        token = answering.begin_openly(request.remote_addr or "")
    following = url_for("survey.part", number=str(number + 1))
    if not wants_fragment():
        return _give(go_to(following), token, marks)
    return _give(push_url(_part_page(number + 1, marks=marks), following), token, marks)


def _finish():
    token, marks = _held()
    form = RestForm()
    try:
        profile, suggestion = answering.rest_of(form.single_values())
        answering.send(token, Filled(marks, profile, suggestion))
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        return _part_page(PARTS, form, 422)
    except LinkOver:
        return COOKIE.take(_over_page())
    return COOKIE.take(go_to(url_for("survey.done")))


def _elsewhere(number: int):
    """The first screen that is not answered yet, or the start for a browser without the form."""
    if not COOKIE.is_held():
        return to_the_door("Buka survei lagi", url_for("survey.start"))
    _, marks = _held()
    for earlier in range(1, number):
        if any(one.code not in marks for one in answering.elements_of(earlier)):
            return to_the_door(f"Isi dulu bagian {earlier}", url_for("survey.part", number=str(earlier)))
    return None


def _part_page(number: int, form=None, status: int = 200, marks: dict | None = None):
    known = marks if marks is not None else _held()[1]
    if form is None:
        form = RestForm(formdata=None) if number == PARTS else for_elements(answering.elements_of(number))(
            formdata=None, data={code: str(mark) for code, mark in known.items()}
        )
    return render(
        "survey/rest.html" if number == PARTS else "survey/part.html", status, form=form, number=number, total=PARTS,
        elements=[] if number == PARTS else answering.elements_of(number), first_question=(number - 1) * 3 + 1,
    )


def _over_page():
    return render("survey/over.html", 410)


def _held() -> tuple[str, dict[str, int]]:
    """(token, marks so far). A cookie that was altered is an empty one."""
    try:
        text = COOKIE.held()[:LONGEST_COOKIE]
        token, marks = open_json(sealer(), base64.urlsafe_b64decode(text.encode()), CONTEXT)
    except (SealBroken, binascii.Error, ValueError):
        return OPENLY, {}
    return token, {code: marks[code] for code in CODES if code in marks}


def _give(response, token: str, marks: dict[str, int]):
    sealed = seal_json(sealer(), [token, marks], CONTEXT)
    return COOKIE.give(response, base64.urlsafe_b64encode(sealed).decode())
