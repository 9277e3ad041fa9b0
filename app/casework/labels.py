"""Labels: short words of the office on a case, such as the outage it belongs to. Put on many at once, a filter of
every list. For the office only, so they say nothing of a person."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, String, bindparam, delete, exists, literal, select, union_all

from app.base import journal
from app.base.database import db, once_a_page, transaction
from app.base.problems import FormRejected, NotAllowed
from app.base.written import Written
from app.casework.bulk import BulkAct, Typed
from app.casework.desk import Desk, Staff
from app.casework.lists import Filter
from app.casework.models import CaseLabel

LONGEST, MOST, MOST_OFFERED = 30, 5, 50
NUMBER_OF_SOMEBODY = re.compile(r"(?:\d[ .-]?){7,}")


def label_many(desk: Desk, by: str) -> BulkAct:
    """Put a label on each, or take it off; taken back, each is as it was."""
    def do(case_id: str, version: int, staff: Staff, typed: Typed) -> dict:
        words, wanted = checked(typed["label"]), not typed.get("off")
        with transaction() as session:
            desk.find(case_id, staff)
            key = (desk.kind.about, case_id, words)
            was = session.get(CaseLabel, key) is not None
            if was == wanted:
                raise NotAllowed("Sudah berlabel ini." if was else "Tidak berlabel ini.")
            if wanted and len(of([case_id], desk.kind.about).get(case_id, ())) >= MOST:
                raise NotAllowed(f"Sudah ada {MOST} label.")
            _set(key, wanted, staff)
        return {"label": words, "was": was}

    def undo(case_id: str, before: dict, staff: Staff) -> None:
        with transaction():
            _set((desk.kind.about, case_id, before["label"]), before["was"], staff)

    return BulkAct("label", "Beri label", by, ("label",), lambda case, staff: "", do, undo)


def checked(typed: str) -> str:
    """The label as it is kept. Raises FormRejected."""
    words = " ".join(typed.split())
    if not words or len(words) > LONGEST:
        raise FormRejected({"label": [f"Tulis labelnya, paling panjang {LONGEST} huruf."]})
    if NUMBER_OF_SOMEBODY.search(words):
        raise FormRejected({"label": ["Label tidak boleh memuat NIK atau nomor orang."]})
    return words


ABOUT = bindparam("about", type_=String)
IN_USE = (
    select(CaseLabel.label).where(CaseLabel.about_kind == ABOUT).distinct().order_by(CaseLabel.label)
    .limit(MOST_OFFERED).subquery()
)
OF_CASES = select(CaseLabel.case_id, CaseLabel.label).where(
    CaseLabel.about_kind == ABOUT, CaseLabel.case_id.in_(bindparam("cases", expanding=True))
)
OF_SOME = Written(OF_CASES)
OF_PAGE = Written(union_all(OF_CASES, select(literal(""), IN_USE.c.label)))


def of(case_ids: Sequence[str], about: str) -> dict[str, list[str]]:
    """Id of a case -> its labels; one query for a page."""
    return _by_case(OF_SOME.ask({"about": about, "cases": list(case_ids)}) if case_ids else ())


def of_page(case_ids: Sequence[str], about: str) -> dict[str, list[str]]:
    """The same, and what in_use() says of the kind, for a page that shows both."""
    found = _by_case(OF_PAGE.ask({"about": about, "cases": list(case_ids)}))
    in_use.found({label: label for label in found.pop("", ())}, about)
    return found


def _by_case(rows: Iterable[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for case_id, label in rows:
        found.setdefault(case_id, []).append(label)
    return {case_id: sorted(labels) for case_id, labels in found.items()}


@once_a_page
def in_use(about: str) -> dict[str, str]:
    """What a filter offers and a new label may repeat."""
    return {label: label for label in db.session.scalars(select(IN_USE.c.label), {"about": about})}


def by_label(about: str, model: Any) -> Filter:
    def where(value: str, look: object) -> Any:
        same = CaseLabel.about_kind == about, CaseLabel.case_id == model.id, CaseLabel.label == value
        return exists().where(*same)

    return Filter("Label", lambda: in_use(about), where)


def _set(key: tuple[str, str, str], wanted: bool, staff: Staff) -> None:
    about, case_id, words = key
    if wanted:
        db.session.merge(CaseLabel(about_kind=about, case_id=case_id, label=words))
    else:
        same = CaseLabel.about_kind == about, CaseLabel.case_id == case_id, CaseLabel.label == words
        db.session.execute(delete(CaseLabel).where(*same))
    act = "case_labelled" if wanted else "case_unlabelled"
    journal.record(act, actor=journal.Actor("staff", staff.id), about=(about, case_id))
