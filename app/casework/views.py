"""What every open page of the office asks for by itself: what waits, what was handed to this person, and words typed
and not sent yet."""

import zlib

from flask import Blueprint, Response, flash, json, make_response, render_template, request, url_for
from flask_login import current_user

from app.base.problems import FormRejected, NotFound, StaleDecision
from app.casework import bulk, drafts, labels
from app.casework.bulk import DESKS, BulkAct, BulkDesk
from app.casework.lists import COUNT_CAP
from app.casework.undo import MINUTE
from app.casework.work import OFFERED, waiting_for
from app.web.access import holds, polling, staff, who_asks
from app.web.htmx import go_to

blueprint = Blueprint("work", __name__, url_prefix="/petugas")


@blueprint.app_context_processor
def _for_the_head() -> dict:
    return {"work_waiting": waiting}


def waiting() -> dict[str, dict]:
    """Place in the head -> how many wait for this person and whether the first is urgent; kinds of one place
    together."""
    told: dict[str, dict] = {}
    for work, number, urgent in waiting_for(who_asks()):
        here = told.setdefault(work.key, {"count": 0, "urgent": False})
        here["count"] = min(here["count"] + number, COUNT_CAP + 1)
        here["urgent"] = here["urgent"] or (bool(number) and urgent)
    for here in told.values():
        here["words"] = f"{COUNT_CAP}+" if here["count"] > COUNT_CAP else str(here["count"])
    return told


@blueprint.get("/kabar")
@polling
@staff("staff_home")
def news() -> Response:
    """Numbers of the head, and the cases that are lastingly this person's; 204 when nothing changed since the
    version in If-None-Match. Neither journalled nor a sign of a person at work."""
    told = json.dumps({"waiting": waiting(), "handed": _handed()}, sort_keys=True)
    version = f"{zlib.crc32(told.encode()):x}"
    if request.headers.get("If-None-Match", "") == version:
        return make_response("", 204)
    return make_response(told, {"Content-Type": "application/json", "ETag": version})


@blueprint.get("/draf")
@polling
@staff("staff_home")
def draft():
    """What this person typed into a form and has not sent, for its script."""
    return json.jsonify(drafts.kept(request.args.get(drafts.FIELD, ""), current_user))


@blueprint.post("/draf")
@staff("staff_home")
def keep_draft():
    drafts.keep(request.form.get(drafts.FIELD, ""), request.form.lists(), current_user)
    return "", 204


def _handed() -> list[dict[str, str]]:
    offered = [work for work in OFFERED if work.case and holds(current_user, work.permission)]
    reminded = [
        {"id": reminder, "words": f"Diingatkan: {work.noun} {number}",
         "url": url_for(work.case, **{work.case_id_name: case_id})}
        for work in offered for reminder, case_id, number in work.reminded(current_user)
    ]
    return reminded + [
        {"id": case_id, "words": f"{work.noun} {number}", "url": url_for(work.case, **{work.case_id_name: case_id})}
        for work in offered for case_id, number in work.handed(current_user)
    ]


# /petugas/massal: one act on many cases, shown before it happens and case by case afterwards.

bulk_pages = Blueprint("bulk", __name__, url_prefix="/petugas/massal")
LONGEST_TEXT = 5000


@bulk_pages.app_context_processor
def _for_cases() -> dict:
    return {"labels_on": lambda about, case_id: labels.of([case_id], about).get(case_id, ())}


@bulk_pages.post("")
@staff("staff_home")
def plan():
    """What would happen to the ticked cases; nothing happens yet."""
    name, where, act = _asked()
    return _plan_page(name, where, act)


@bulk_pages.post("/kerjakan")
@staff("staff_home")
def carry_out():
    name, where, act = _asked()
    if request.form.get("confirm") != "ya":
        return _plan_page(name, where, act)
    pairs = (one.partition(":") for one in request.form.getlist("case"))
    versions = {case_id[:32]: int(version) if version.isdigit() else -1 for case_id, _, version in pairs}
    try:
        bulk_id = bulk.carry_out(name, act, versions, current_user, _typed())
    except FormRejected as rejected:
        return _plan_page(name, where, act, rejected.errors)
    return go_to(url_for("bulk.result", bulk_id=bulk_id))


@bulk_pages.get("/<bulk_id>")
@staff("staff_home")
def result(bulk_id: str):
    row, items = bulk.result_of(bulk_id, current_user)
    act = DESKS[row.list_name].act(row.act, current_user)
    onward = next((one.onward for one in items if one.onward), None)
    return make_response(render_template(
        "casework/bulk_done.html", row=row, items=items, act=act, typed=bulk.typed_of(row),
        list_url=url_for(DESKS[row.list_name].page), until=row.at + MINUTE if bulk.may_undo(row) else None,
        onward=url_for(act.onward[0], **onward) if onward else "",
    ))


@bulk_pages.post("/<bulk_id>/batalkan")
@staff("staff_home")
def undo(bulk_id: str):
    try:
        flash(f"{bulk.undo_all(bulk_id, current_user)} dibatalkan.")
    except StaleDecision as late:
        flash(late.message)
    return go_to(url_for("bulk.result", bulk_id=bulk_id))


def _asked() -> tuple[str, BulkDesk, BulkAct]:
    name = request.form.get("list", "")
    if name not in DESKS:
        raise NotFound()
    return name, DESKS[name], DESKS[name].act(request.form.get("bulk", ""), current_user)


def _typed() -> dict[str, str]:
    names = ("to", "reason", "text", "final", "outcome", "late_reason", "label", "off", "incident")
    people = " ".join(request.form.getlist("people"))[:LONGEST_TEXT]
    return {"people": people} | {name: request.form.get(name, "").strip()[:LONGEST_TEXT] for name in names}


def _plan_page(name: str, where: BulkDesk, act: BulkAct, errors: dict[str, list[str]] | None = None):
    ids = [one.partition(":")[0] for one in request.form.getlist("case")]
    items = bulk.planned(where, act, ids, current_user, _typed())
    page = render_template(
        "casework/bulk.html", name=name, act=act, items=items, errors=errors or {}, typed=_typed(),
        receivers=where.receivers() if {"to", "people"} & {*act.asks} else [], list_url=url_for(where.page),
        most=bulk.MOST, outcomes=where.outcomes,
        labels=where.labels() if "label" in act.asks else {},
        incidents=where.incidents() if "incident" in act.asks else [],
    )
    return make_response(page, 422 if errors else 200)
