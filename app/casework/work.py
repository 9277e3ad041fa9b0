"""Work that announces itself: what waits for a person in every desk, and what was handed to them; and how each person
looks at a list. The desks are told here by the wiring, so that the engine knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, false, select

from app.base.database import db, once_a_page, transaction
from app.base.problems import FormRejected
from app.base.written import Written
from app.casework import bulk_acts, lists
from app.casework.desk import Staff
from app.casework.kept import ME, NOW, Anyone, anyone_like, written
from app.casework.lists import CaseList, Look
from app.casework.models import CaseView
from app.web.access import holds

MOST_HANDED = 20
LAST, LONGEST_NAME, MOST_VIEWS = "", 40, 12


def nothing_handed(staff: Staff) -> list[tuple[str, str]]:
    return []


def nothing_reminded(staff: Staff) -> list[tuple[str, str, str]]:
    return []


def never(staff: Staff) -> ColumnElement[bool]:
    return false()


@dataclass(frozen=True)
class Work:
    """One number in the head of every office page. `key` is its place there, `noun` names one case, `page` and
    `case` are endpoints (`case` takes `case_id_name`). `count` gives the subquery of the number, which stops at
    COUNT_CAP + 1, `is_urgent` the condition that the first of them is near its end or past it: all are asked in one
    statement, kept for everybody of one role, so the moment is NOW in it (app/casework/kept.py). `handed` gives
    (id, number) of what is lastingly this person's, `reminded` (id of the reminder, id, number) of what a colleague
    reminded them of."""

    key: str
    noun: str
    permission: str
    page: str
    count: Callable[[Staff], ColumnElement[int]]
    is_urgent: Callable[[Staff], ColumnElement[bool]] = never
    handed: Callable[[Staff], list[tuple[str, str]]] = nothing_handed
    reminded: Callable[[Staff], list[tuple[str, str, str]]] = nothing_reminded
    case: str = ""
    case_id_name: str = ""


OFFERED: list[Work] = []


def of_list(cases: CaseList, is_open: ColumnElement[bool], about: str, **names: str) -> Work:
    """Of a kind whose list begins with what a person may do now, and whose cases are somebody's lastingly while
    `is_open`; with `assigned_to` it is a walk of an index."""
    def count(staff: Staff) -> ColumnElement[int]:
        return lists.count_of(cases, cases.first, Look(staff, now=NOW))

    def handed(staff: Staff) -> list[tuple[str, str]]:
        query = written(of_one, anyone_like(staff))
        return [tuple(row) for row in db.session.execute(query, {"me": staff.id})]

    def of_one(staff: Anyone) -> Select:
        model = cases.model
        seen = cases.seen(Look(staff, now=NOW))
        query = select(model.id, model.number).where(model.assigned_to == ME, is_open, *seen)
        return query.order_by(model.due_at, model.id).limit(MOST_HANDED)

    def reminded(staff: Staff) -> list[tuple[str, str, str]]:
        return bulk_acts.reminders_of(about, cases.model, staff)

    return Work(count=count, handed=handed, reminded=reminded, **names)


def waiting_for(staff: Staff) -> list[tuple[Work, int, bool]]:
    """(work, how many wait for this person, whether the first is urgent), of all they may do."""
    mine = [work for work in OFFERED if holds(staff, work.permission)]
    asked = written(_numbers, anyone_like(staff), *(work.noun for work in mine)) if mine else None
    found = iter(db.session.execute(asked, {"me": staff.id}).one() if mine else ())
    return [(work, number, bool(urgent)) for work, number, urgent in zip(mine, found, found, strict=True)]


def _numbers(staff: Anyone, *nouns: str) -> Select:
    return select(*(
        part(staff) for work in OFFERED if work.noun in nouns for part in (work.count, work.is_urgent)
    ))


def kept_view(cases: CaseList, staff: Staff, name: str = LAST) -> dict[str, str]:
    return dict(_views(cases.name, staff.id).get(name, {}))


def remember(cases: CaseList, staff: Staff, parameters: Mapping[str, str]) -> None:
    """How this person looks at the list now, for the way back and the next visit; written when it changed."""
    if kept_view(cases, staff) != dict(parameters):
        with transaction():
            _put(cases, staff, LAST, parameters)


def named_views(cases: CaseList, staff: Staff) -> dict[str, dict[str, str]]:
    return {name: dict(given) for name, given in _views(cases.name, staff.id).items() if name != LAST}


VIEWS = Written(select(CaseView.name, CaseView.parameters).where(
    CaseView.staff_id == ME, CaseView.list_name == bindparam("list")
).order_by(CaseView.name))


@once_a_page
def _views(list_name: str, staff_id: str) -> dict[str, dict[str, str]]:
    return {row.name: row.parameters for row in VIEWS.ask({"me": staff_id, "list": list_name})}


def save_view(cases: CaseList, staff: Staff, name: str) -> None:
    """Keep under a name how this person looks at the list now; the same name again replaces it. Raises
    FormRejected."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise FormRejected({"name": ["Beri nama tampilan ini."]})
    with transaction():
        known = named_views(cases, staff)
        if name not in known and len(known) >= MOST_VIEWS:
            raise FormRejected({"name": [f"Paling banyak {MOST_VIEWS} tampilan. Hapus satu dulu."]})
        _put(cases, staff, name, kept_view(cases, staff))


def drop_view(cases: CaseList, staff: Staff, name: str) -> None:
    if name != LAST:
        with transaction():
            db.session.execute(delete(CaseView).where(
                CaseView.staff_id == staff.id, CaseView.list_name == cases.name, CaseView.name == name
            ))


def _put(cases: CaseList, staff: Staff, name: str, parameters: Mapping[str, Any]) -> None:
    db.session.merge(CaseView(staff_id=staff.id, list_name=cases.name, name=name, parameters=dict(parameters)))
