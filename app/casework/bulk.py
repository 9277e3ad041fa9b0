"""One act on many cases: hand out, take over, label, remind, apologise, answer together. Never a decision on evidence,
which is found out case by case.

Every case is a transaction of its own with a result and its reason; what failed can be tried again, and within a minute
the whole is taken back by its id. Before anything happens it is said what would happen to how many.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from app.base import clock, journal
from app.base.database import db, transaction
from app.base.ids import new_id
from app.base.problems import DomainError, FormRejected, NotAllowed, NotFound
from app.base.services import sealer
from app.casework import claims
from app.casework.desk import Desk, Staff
from app.casework.models import CaseBulk, CaseBulkItem
from app.casework.moving import Case
from app.casework.undo import MINUTE, TooLate
from app.web.access import holds

MOST, LONGEST_REASON = 100, 300
KEPT_FOR = timedelta(days=30)  # the journal keeps that it was, and what became of each case
DONE, REFUSED, UNDONE = "done", "refused", "undone"
BUSY = "Basis data sedang sibuk. Coba lagi."
Typed = Mapping[str, str]


@dataclass(frozen=True)
class BulkAct:
    """`asks` are the fields it needs (`to`, `people`: ids with a space between, `reason`, `label`, `text`, `incident`),
    `by` the permission of who may. `bar` says in a sentence why it cannot be done to a case, `do(case_id, version,
    staff, typed)` does it in a transaction of its own and returns what `undo(case_id, before, staff)` needs to take it
    back. `words(case, staff, typed)` is what somebody would read, "" for nothing; `proposes` stands in the text at
    first. `onward` are endpoint and words of the page to go on to, which do() gives its arguments as `onward`."""

    name: str
    label: str
    by: str
    asks: tuple[str, ...]
    bar: Callable[[Case, Staff], str]
    do: Callable[[str, int, Staff, Typed], dict]
    undo: Callable[[str, dict, Staff], None]
    words: Callable[[Case, Staff, Typed], str] = lambda case, staff, typed: ""
    proposes: str = ""
    onward: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class BulkDesk:
    """What can be done to many cases of one desk, whose list is the endpoint `page`. `receivers()` are (id, name) of
    whom it may be given to, `labels()` the labels in use, `incidents()` the names of those that are open."""

    desk: Desk
    page: str
    acts: tuple[BulkAct, ...]
    receivers: Callable[[], list[tuple[str, str]]]
    outcomes: Mapping[str, str] = field(default_factory=dict)
    labels: Callable[[], Mapping[str, str]] = dict
    incidents: Callable[[], list[str]] = list

    def act(self, name: str, staff: Staff) -> BulkAct:
        """Raises NotFound, NotAllowed."""
        found = next((act for act in self.acts if act.name == name), None)
        if found is None:
            raise NotFound()
        if not holds(staff, found.by):
            raise NotAllowed()
        return found


@dataclass(frozen=True)
class Item:
    """One case of a bulk. `bar` says why nothing would be done, or was; `words` what somebody would read, and
    afterwards to whom it went; `onward` are the arguments of the page to go on to."""

    id: str
    number: str
    version: int
    bar: str
    words: str = ""
    state: str = ""
    onward: Mapping[str, str] = field(default_factory=dict)


DESKS: dict[str, BulkDesk] = {}


def offered(list_name: str, staff: Staff) -> list[BulkAct]:
    """What this person may do to many cases of a list."""
    return [act for act in DESKS[list_name].acts if holds(staff, act.by)] if list_name in DESKS else []


def planned(where: BulkDesk, act: BulkAct, ids: Sequence[str], staff: Staff, typed: Typed) -> list[Item]:
    """What would happen to each, nothing written. Cases this person must not see are left out."""
    return [_planned(act, case, staff, typed) for case in _cases(where.desk, ids, staff)]


def carry_out(name: str, act: BulkAct, versions: Mapping[str, int], staff: Staff, typed: Typed) -> str:
    """Do it to each; the id of the bulk. Raises FormRejected when a field is missing."""
    _check(act, typed)
    bulk_id = _begun(name, act, staff, typed)
    for case_id, version in list(versions.items())[:MOST]:
        before, reason = _tried(act, case_id, version, staff, typed)
        with transaction() as session:
            session.add(CaseBulkItem(
                bulk_id=bulk_id, case_id=case_id, state=REFUSED if reason else DONE, reason=reason[:LONGEST_REASON],
                before=before,
            ))
    return bulk_id


def result_of(bulk_id: str, staff: Staff) -> tuple[CaseBulk, list[Item]]:
    """One's own bulk. Raises NotFound."""
    bulk = _own(bulk_id, staff)
    query = select(CaseBulkItem).where(CaseBulkItem.bulk_id == bulk_id).order_by(CaseBulkItem.case_id)
    desk, items = DESKS[bulk.list_name].desk, []
    for row in list(db.session.scalars(query)):
        try:
            case = desk.find(row.case_id, staff)
        except NotFound:
            continue
        before = row.before or {}
        onward = before.get("onward", {}) if row.state == DONE else {}
        to = claims.name_of(before.get("to"))
        items.append(Item(row.case_id, case.number, case.version, row.reason, to, row.state, onward))
    return bulk, items


def typed_of(bulk: CaseBulk) -> dict[str, str]:
    """What was typed for all of them, to be tried again."""
    return json.loads(sealer().open(bulk.typed_sealed, _context(bulk.id)))


def may_undo(bulk: CaseBulk) -> bool:
    return bulk.undone_at is None and clock.now() < bulk.at + MINUTE


def undo_all(bulk_id: str, staff: Staff) -> int:
    """Take back what was done, a case after the other; how many. Raises NotFound, TooLate."""
    with transaction():
        bulk = db.session.get(CaseBulk, bulk_id, with_for_update=True, populate_existing=True)
        if bulk is None or bulk.staff_id != staff.id:
            raise NotFound()
        if not may_undo(bulk):
            raise TooLate("Ini tidak dapat dibatalkan lagi.")
        bulk.undone_at = clock.now()
        act = next(act for act in DESKS[bulk.list_name].acts if act.name == bulk.act)
    query = select(CaseBulkItem.case_id, CaseBulkItem.before).where(
        CaseBulkItem.bulk_id == bulk_id, CaseBulkItem.state == DONE
    )
    return sum(_undone(act, bulk_id, row.case_id, row.before, staff) for row in db.session.execute(query).all())


def _cases(desk: Desk, ids: Sequence[str], staff: Staff) -> list[Case]:
    found = []
    for case_id in dict.fromkeys(ids):
        try:
            found.append(desk.find(case_id[:32], staff))
        except NotFound:
            continue
    return found[:MOST]


def _planned(act: BulkAct, case: Case, staff: Staff, typed: Typed) -> Item:
    bar = act.bar(case, staff)
    return Item(case.id, case.number, case.version, bar, "" if bar else act.words(case, staff, typed))


def _check(act: BulkAct, typed: Typed) -> None:
    wanted = {
        "to": "Pilih petugasnya.", "people": "Pilih petugas yang bertugas.", "reason": "Tulis alasannya.",
        "text": "Tulis dulu kata-katanya.", "label": "Tulis labelnya.", "incident": "Tulis nama kejadiannya.",
    }
    errors = {name: [wanted[name]] for name in act.asks if name in wanted and not typed.get(name, "").strip()}
    if errors:
        raise FormRejected(errors)


def _tried(act: BulkAct, case_id: str, version: int, staff: Staff, typed: Typed) -> tuple[dict, str]:
    """(what undoing needs, why it was not done)."""
    try:
        return act.do(case_id, version, staff, typed), ""
    except FormRejected as rejected:
        return {}, next(iter(rejected.errors.values()))[0]
    except DomainError as refused:
        return {}, refused.message
    except OperationalError:
        return {}, BUSY


def _undone(act: BulkAct, bulk_id: str, case_id: str, before: dict, staff: Staff) -> bool:
    state, reason = UNDONE, ""
    try:
        act.undo(case_id, before, staff)
    except DomainError as refused:
        state, reason = DONE, refused.message
    with transaction() as session:
        row = session.get(CaseBulkItem, (bulk_id, case_id))
        row.state, row.reason = state, reason[:LONGEST_REASON]
    return state == UNDONE


def _begun(name: str, act: BulkAct, staff: Staff, typed: Typed) -> str:
    bulk = CaseBulk(id=new_id(), list_name=name, act=act.name, staff_id=staff.id, at=clock.now())
    words = json.dumps({name: typed.get(name, "") for name in (*act.asks, "off") if name in typed})
    bulk.typed_sealed = sealer().seal(words.encode(), _context(bulk.id))
    with transaction() as session:
        old = select(CaseBulk.id).where(CaseBulk.at < clock.now() - KEPT_FOR)
        session.execute(delete(CaseBulkItem).where(CaseBulkItem.bulk_id.in_(old)))
        session.execute(delete(CaseBulk).where(CaseBulk.at < clock.now() - KEPT_FOR))
        session.add(bulk)
        session.flush()
        journal.record(
            "bulk_begun", actor=journal.Actor("staff", staff.id), about=("bulk", bulk.id),
            detail={"list": name, "act": act.name},
        )
    return bulk.id


def _context(bulk_id: str) -> str:
    return f"case_bulk:{bulk_id}:typed"


def _own(bulk_id: str, staff: Staff) -> CaseBulk:
    bulk = db.session.get(CaseBulk, bulk_id)
    if bulk is None or bulk.staff_id != staff.id:
        raise NotFound()
    return bulk

