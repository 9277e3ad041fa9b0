"""The citizen's form at its fixed addresses: every step is a GET and a POST of its own."""

from collections.abc import Callable

from flask import Blueprint, g, request, url_for

from app.base import limits
from app.base.database import db
from app.base.ids import new_id
from app.base.problems import FormRejected, NotFound
from app.base.services import city, sealer
from app.city.office_calendar import closed_until
from app.guessing.known_browser import remember
from app.identity.mask import show_phone
from app.messages import proving
from app.photos.errors import PhotoError, TooLarge
from app.registration import steps
from app.registration.draft_cookie import COOKIE, held_application
from app.registration.drafts import find_by_token, keep_typed, seconds_left, start_draft, typed_of
from app.registration.fields import KEPT, TOLD, DataRejected, asked
from app.registration.forms import DataForm, PhotoForm, SendForm, StartForm
from app.registration.links import mark_of
from app.registration.models import Application
from app.registration.personal import open_personal, open_pin
from app.registration.photo_kinds import PHOTOS, RULE
from app.registration.photo_page import judging, labels_saved, others_of, refused, taken, verdict
from app.registration.photo_service import attach_photo, read_photo, sent_file
from app.registration.receipt import receipt_is_withheld
from app.registration.service import Unfinished, save_personal_data, submit
from app.registration.status import DRAFT, REGISTRATION
from app.web.access import draft_holder, public
from app.web.errors import error_page
from app.web.headers import photo_response
from app.web.htmx import come_back, go_to, in_place_of, push_url, render, wants_data, wants_fragment

blueprint = Blueprint("registration", __name__, url_prefix="/daftar")
blueprint.add_app_template_global(lambda: PHOTOS, "photo_kinds")


@blueprint.app_template_global("has_draft")
def has_draft() -> bool:
    """Whether this browser holds a registration that was begun and not sent."""
    held = held_application()
    return held is not None and held.status == DRAFT


@blueprint.get("")
@public
def start():
    return _start_page(StartForm(formdata=None, fresh="ya" if "baru" in request.args else ""))


@blueprint.post("")
@public
def begin():
    form = StartForm()
    if not form.notice.data:
        form.notice.errors = ["Beri tanda centang dulu untuk melanjutkan."]
        return _start_page(form, 422)
    held = held_application()
    if held is not None and held.status == DRAFT and form.fresh.data != "ya":
        return _show(steps.first_unfinished(held), lambda: held)
    notice = city().privacy
    token = start_draft(
        notice_version=notice.version, notice_text=notice.text, survey_consent=bool(form.survey.data),
        address=request.remote_addr or "",
    )
    return COOKIE.give(_show(steps.DATA, lambda: find_by_token(token)), token)


@blueprint.get("/data")
@draft_holder
def data():
    application = _held()
    if answer := _elsewhere(application, steps.DATA):
        return answer
    return _data_page(application, _filled_form(application))


@blueprint.post("/data")
@draft_holder
def save_data():
    application = _held()
    if answer := _elsewhere(application, steps.DATA):
        return answer
    form = DataForm()
    try:
        after = save_personal_data(application.id, form.single_values())
    except FormRejected as rejected:
        form.show_errors(rejected.errors)
        if form.new_password.data and not form.new_password.errors and _held().password_hash is None:
            # good or not, it was not looked at, and a page never gives it back
            form.new_password.errors = ["Ketik lagi kata sandi Anda. Demi keamanan, isian ini dikosongkan."]
        form.nik_rechecked.data = rejected.recheck_nik if isinstance(rejected, DataRejected) else ""
        return _data_page(_held(), form, 422)
    return _show(after)


@blueprint.post("/data/isian")
@draft_holder
def keep():
    """Sent by the page as each field is left, and as the page is left."""
    limits.hit("typed-draft", g.application_id)
    keep_typed(g.application_id, request.form)
    return "", 204


@blueprint.get(RULE)
@draft_holder
def photo(slug: str):
    application, step = _held(), steps.PHOTO_STEPS[slug]
    return _elsewhere(application, step) or _photo_page(application, step)


@blueprint.post(RULE)
@draft_holder
def save_photo(slug: str):
    application, step = _held(), steps.PHOTO_STEPS[slug]
    if answer := _elsewhere(application, step):
        return answer
    try:
        data, filename = sent_file(request.files)
        kept = attach_photo(
            application.id, step.kind, data, filename, request.form.get("upload_id", "")[:64], request.remote_addr or ""
        )
    except PhotoError as error:
        if wants_data():
            return refused(error)
        return come_back(_photo_page(_held(), step, error.status, error.message), error.retry_after)
    return taken(kept) if wants_data() else _show(step)


@blueprint.errorhandler(413)
def too_large(_error):
    """A photo so large that its form was not read is told on its own step, like any other bad photo."""
    step = steps.PHOTO_STEPS.get((request.view_args or {}).get("slug", ""))
    application = held_application()
    if wants_data() and step is not None:
        return refused(TooLarge())
    if application is None or step is None or _elsewhere(application, step):
        return error_page(413)
    return _photo_page(application, step, 413, TooLarge.message)


@blueprint.get(RULE + "/gambar")
@draft_holder
def picture(slug: str):
    application = _held()
    kept = application.photo(steps.PHOTO_STEPS[slug].kind)
    if kept is None or application.status != DRAFT:
        raise NotFound()
    if request.args.get("ukuran") != "kecil":
        return photo_response(read_photo(kept), slug)
    mine = sealer().index("picture-of-draft", f"{application.draft_token_hash}:{kept.id}")
    return photo_response(lambda: read_photo(kept, "small"), slug, tag=mine[:20])


@blueprint.get("/periksa")
@draft_holder
def check():
    application = _held()
    return _elsewhere(application, steps.CHECK) or _check_page(application, asking=False)


@blueprint.post("/periksa")
@draft_holder
def send():
    application = _held()
    if application.status == DRAFT and not steps.may_visit(steps.CHECK, application):
        return _to_step(steps.first_unfinished(application))
    says_yes, seen = SendForm().confirm.data == "ya", request.form.get("seen", "")
    is_same = seen == steps.seen_mark(application)
    if not says_yes or (application.status == DRAFT and seen and not is_same):
        return _elsewhere(application, steps.CHECK) or _ask(application, is_same, seen)
    mark = mark_of(application)
    try:
        submit(application.id, request.remote_addr or "")
    except Unfinished:
        return _to_step(steps.first_unfinished(_held()))
    receipt = url_for("registration.done")
    return remember(push_url(_done_page(_held()), receipt) if wants_fragment() else go_to(receipt), mark)


@blueprint.get("/selesai")
@draft_holder
def done():
    application = _held()
    if application.status == DRAFT:
        return _to_step(steps.first_unfinished(application))
    return _done_page(application)


def _start_page(form: StartForm, status: int = 200):
    held = held_application()
    draft = held is not None and held.status == DRAFT
    return render(
        "registration/start.html", status, form=form, unfinished=held if draft else None,
        sent=None if draft else held,
    )


def _done_page(application: Application):
    person, withheld = open_personal(application), receipt_is_withheld(application)
    number = person.whatsapp_number
    return render(
        "registration/done.html", application=application, greeting_name=person.greeting_name,
        pin=open_pin(application), phone=show_phone(number) if number else "",
        told=TOLD[application.reached_by], opens_at=closed_until(),
        label=REGISTRATION.labels[application.status].citizen,
        prove=proving.offer(("application", application.id), number), withheld=withheld,
        seconds_left=seconds_left(application),
    )


def _held() -> Application:
    return db.session.get(Application, g.application_id)


def _url(step: steps.Step) -> str:
    return f"{blueprint.url_prefix}/{step.slug}"


def _to_step(step: steps.Step):
    return go_to(_url(step))


def _show(step: steps.Step, found: Callable[[], Application] = _held):
    """The step after a POST: htmx gets it at once, which saves slow phones a round trip; a browser
    is redirected, so that reload sends nothing twice. Only who gets it at once asks for the draft again."""
    if not wants_fragment():
        return _to_step(step)
    application = found()
    if step is steps.CHECK:
        page = _check_page(application, asking=False)
    elif step.kind:
        page = _photo_page(application, step)
    else:
        page = _data_page(application, _filled_form(application))
    return push_url(page, _url(step))


def _elsewhere(application: Application, step: steps.Step):
    """Where this browser belongs instead: the receipt once sent, else the first unfinished step."""
    if application.status != DRAFT:
        return go_to(url_for("registration.done"))
    if not steps.may_visit(step, application):
        return _to_step(steps.first_unfinished(application))
    return None


def _filled_form(application: Application) -> DataForm:
    """What was saved, and over it what was typed since."""
    saved = {}
    if application.personal_sealed is not None:
        person = open_personal(application)
        saved = {field.key: field.show(getattr(person, field.key)) for field in KEPT}
    return DataForm(formdata=None, data={**saved, **typed_of(application)})


def _data_page(application: Application, form: DataForm, status: int = 200):
    fields = asked(application.reached_by)
    for rule in fields:
        form[rule.key].label.text = rule.label
    return render(
        "registration/data.html", status, form=form, fields=fields, step=steps.DATA, position=1, total=len(steps.STEPS),
        draft=application.id, number=application.number, password_saved=application.password_hash is not None,
        keep_url=url_for("registration.keep"), typed=application.typed_sealed is not None and status == 200,
        prove=proving.offer(("application", application.id)), at_counter=application.filed_by is not None,
    )


def _photo_page(application: Application, step: steps.Step, status: int = 200, error: str | None = None):
    g.photo_page = True
    kept = application.photo(step.kind)
    changing = kept is None or error is not None or "ganti" in request.args
    others = others_of(application, step.kind)
    after = next(later for later in steps.STEPS if later is not step and not later.is_complete(application))
    return render(
        "registration/photo.html", status, form=PhotoForm(formdata=None, upload_id=new_id()), step=step, photo=kept,
        changing=changing, error=error, position=steps.position(step), total=len(steps.STEPS),
        back_url=_url(steps.step_before(step)), next_url=_url(after), draft=application.id, number=application.number,
        judging=judging(step.kind, others) | {"saved": labels_saved(application)}, verdict=verdict(kept, others),
    )


def _check_page(application: Application, asking: bool, **more):
    return render(
        "registration/check.html", form=SendForm(formdata=None), person=open_personal(application), photos=PHOTOS,
        fields=asked(application.reached_by), back_url=_url(steps.step_before(steps.CHECK)),
        application=application, asking=asking, position=len(steps.STEPS), total=len(steps.STEPS),
        number=application.number, seen=steps.seen_mark(application), **more,
    )


def _ask(application: Application, is_same: bool, seen: str):
    """Above the summary that is on the page, or with a fresh one when that shows something else."""
    page = _check_page(application, asking=True, in_place=is_same, changed=seen and not is_same)
    return in_place_of(page, "#atas") if is_same else page
