"""What every open page of the office asks for by itself: what waits, what was handed to this person, and words typed
and not sent yet."""

import zlib

from flask import Blueprint, Response, json, make_response, request, url_for
from flask_login import current_user

from app.casework import drafts
from app.casework.lists import COUNT_CAP
from app.casework.work import OFFERED, waiting_for
from app.web.access import holds, polling, staff

blueprint = Blueprint("work", __name__, url_prefix="/petugas")


@blueprint.app_context_processor
def _for_the_head() -> dict:
    return {"work_waiting": waiting}


def waiting() -> dict[str, dict]:
    """Place in the head -> how many wait for this person and whether the first is urgent; kinds of one place
    together."""
    told: dict[str, dict] = {}
    for work, number, urgent in waiting_for(current_user):
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
