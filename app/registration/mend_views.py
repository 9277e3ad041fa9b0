"""`/perbaikan`: the returned items only, or everything while nobody has looked yet."""

from flask import Blueprint, flash, g, request, url_for

from app.base.ids import new_id
from app.base.problems import NotFound, StaleDecision
from app.identity.mask import mask_nik_tail
from app.photos.errors import PhotoError
from app.registration.fields import BY_KEY, DataRejected
from app.registration.forms import MendForm, PhotoForm
from app.registration.mend_plan import MendPlan, OpenItem, plan_for
from app.registration.mending import NotAllMended, replace_photo, save_fields, send_mended
from app.registration.models import Application
from app.registration.personal import Personal, open_personal
from app.registration.photo_kinds import BY_KIND, BY_SLUG, RULE
from app.registration.photo_page import judging, others_of, refused, taken, verdict
from app.registration.photo_service import read_photo, read_softened, sent_file
from app.registration.service import existing_application
from app.web.access import follower
from app.web.errors import error_page
from app.web.headers import photo_response
from app.web.htmx import come_back, go_to, push_url, render, wants_data, wants_fragment

blueprint = Blueprint("mending", __name__, url_prefix="/perbaikan")


class NothingReturned(NotFound):
    """Who came by a link mends what was returned, and nothing else."""


@blueprint.errorhandler(NothingReturned)
def _nothing_to_mend(_error):
    """A second press of *Kirim perbaikan*, or the back button after it."""
    return go_to(url_for("tracking.home"))


@blueprint.errorhandler(StaleDecision)
def _closed(error: StaleDecision):
    if request.method == "POST":
        return error_page(error.status, error.message)
    flash(error.message)
    return go_to(url_for("tracking.home"))


@blueprint.get("")
@follower
def overview():
    application, plan = _open_case()
    return _overview(application, plan, _form_for(application, plan))


@blueprint.post("")
@follower
def send():
    """Save the fields that are open; a returned registration is sent again when nothing is missing.

    The button of a photo saves what was typed so far and leads to that photo.
    """
    application, plan = _open_case()
    form, slug = MendForm(), request.form.get("photo", "")
    try:
        save_fields(application.id, _typed(plan), g.with_pin, unfinished=slug in BY_SLUG)
        if slug in BY_SLUG:
            return go_to(url_for("mending.photo", slug=slug))
        if plan.change_id is None:
            flash("Perubahan tersimpan.")
            return go_to(url_for("tracking.home"))
        send_mended(application.id)
    except DataRejected as rejected:
        form.show_errors(rejected.errors)
        form.nik_rechecked.data = rejected.recheck_nik
        return _overview(*_open_case(), form, 422)
    except NotAllMended as unfinished:
        return _overview(*_open_case(), form, 422, unfinished.message)
    flash("Perbaikan terkirim. Pendaftaran Anda kembali ke tempatnya semula dalam antrean.")
    return go_to(url_for("tracking.home"))


@blueprint.get(RULE)
@follower
def photo(slug: str):
    _, plan = _open_case()
    return _photo_page(plan.item(BY_SLUG[slug].kind), slug)


@blueprint.post(RULE)
@follower
def save_photo(slug: str):
    application, plan = _open_case()
    item = plan.item(BY_SLUG[slug].kind)
    try:
        data, filename = sent_file(request.files)
        kept = replace_photo(
            application.id, item.key, data, filename, request.form.get("upload_id", "")[:64], request.remote_addr or ""
        )
    except PhotoError as error:
        if wants_data():
            return refused(error)
        return come_back(_photo_page(item, slug, error.status, error.message), error.retry_after)
    if wants_data():
        return taken(kept)
    answer = go_to(url_for("mending.overview") + f"#{item.key}")
    if wants_fragment():
        answer = push_url(_overview_again(), url_for("mending.overview"))
    return answer


@blueprint.get(RULE + "/<any(lama,baru):which>")
@follower
def picture(slug: str, which: str):
    """The small copy, or the whole picture when it is enlarged. Who came by a link alone sees an old photo without its
    details."""
    _, plan = _open_case()
    item = plan.item(BY_SLUG[slug].kind)
    kept = item.old if which == "lama" else item.new
    if kept is None:
        raise NotFound()
    clear = g.with_pin or which == "baru"
    size = "full" if request.args.get("ukuran") == "penuh" else "small"
    return photo_response(read_photo(kept, size) if clear else read_softened(kept), f"{slug}-{which}")


def _open_case() -> tuple[Application, MendPlan]:
    application = existing_application(g.application_id)
    plan = plan_for(application)
    if plan.change_id is None and not g.with_pin:
        raise NothingReturned()
    return application, plan


def _overview_again():
    application, plan = _open_case()
    return _overview(application, plan, _form_for(application, plan))


def _typed(plan: MendPlan) -> dict[str, str]:
    """Open fields only; of a field sent twice the first counts, as it stands first on the page."""
    names = [item.key for item in plan.fields] + ["nik_rechecked"]
    return {name: request.form[name] for name in names if name in request.form}


def _form_for(application: Application, plan: MendPlan) -> MendForm:
    """Filled with what stands there now, but nothing that a message did not tell already (link only)."""
    person = open_personal(application)
    shown = {
        item.key: BY_KEY[item.key].show(getattr(person, item.key)) for item in plan.fields if _may_fill(item)
    }
    return MendForm(formdata=None, data=shown)


def _may_fill(item: OpenItem) -> bool:
    return g.with_pin or item.mended or BY_KEY[item.key].told_by_message


def _old_values(person: Personal, plan: MendPlan) -> dict[str, str]:
    """What was sent, beside its field; numbers masked."""
    return {
        item.key: mask_nik_tail(getattr(person, item.key))
        for item in plan.fields if BY_KEY[item.key].masked_old and item.whys and not item.mended
    }


def _overview(application: Application, plan: MendPlan, form: MendForm, status: int = 200, problem: str = ""):
    open_fields = [item for item in plan.fields if g.with_pin or not BY_KEY[item.key].needs_pin]
    return render(
        "registration/mend.html", status, plan=plan, form=form, problem=problem, photo_kinds=BY_KIND, fields=BY_KEY,
        open_fields=open_fields, closed_fields=[item for item in plan.fields if item not in open_fields],
        old_values=_old_values(open_personal(application), plan), number=application.number,
        with_pin=g.with_pin, verdicts=_verdicts(plan),
    )


def _verdicts(plan: MendPlan) -> dict[str, tuple[str, str, str]]:
    """What is to be told of the new photos, by kind: a bad one is not greeted as a good one."""
    application = existing_application(g.application_id)
    told = {item.key: verdict(item.new, others_of(application, item.key)) for item in plan.photos}
    return {kind: words for kind, words in told.items() if words}


def _photo_page(item: OpenItem, slug: str, status: int = 200, error: str | None = None):
    g.photo_page = True
    others = others_of(existing_application(g.application_id), item.key)
    return render(
        "registration/mend_photo.html", status, item=item, slug=slug, error=error,
        form=PhotoForm(formdata=None, upload_id=new_id()), with_pin=g.with_pin, judging=judging(item.key, others),
    )
