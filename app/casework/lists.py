"""The lists of every desk, declared as data and read by one query builder (docs/casework.md, Lists).

A tab is made of ranges of an index, each read no further than a page or a count needs, so that a page costs the same
whatever lies behind it. A page begins at a place, which is the values the list is sorted by with the id last: no row
is lost or shown twice while others come and go.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Label, Select, func, literal, or_, select, union_all

from app.base import clock
from app.base.database import db, once_a_page
from app.base.written import Written
from app.casework.desk import Staff
from app.casework.kept import NOW, Anyone, anyone_like, written
from app.casework.models import STAFF
from app.casework.place import Order, beyond, keys_of, named, place_of, read_place

PAGE = 25
COUNT_CAP = 99
MOST_OPENED = 500  # rows opened for one page that is sorted by what is sealed
Condition = Any  # of SQLAlchemy


@dataclass(frozen=True)
class Look:
    """Who looks at a list, narrowed to what (`filters`: name -> value, none empty), sorted how ("" as the tab says,
    "received", "-received" for the other way round), and when."""

    staff: Staff
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    now: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 - the clock of this moment

    @property
    def asked(self) -> dict[str, Any]:
        """What a statement that is kept left open."""
        return {"me": self.staff.id, "now": self.now}


def as_it_is(query: Select) -> Select:
    return query


@dataclass(frozen=True)
class Tab:
    """`ranges` gives the conditions of each range of an index that the tab is made of; no row stands in two. `order`
    and `join` are for a tab that is not sorted, or not made, as the others are; then nobody sorts it otherwise. What is
    `is_aside` stands in the menu behind the others, so that they have room in one line."""

    label: str
    ranges: Callable[[Look], Sequence[tuple[Condition, ...]]]
    order: Order | None = None
    join: Callable[[Select], Select] = as_it_is
    is_counted: bool = True
    empty: str = ""
    is_aside: bool = False


@dataclass(frozen=True)
class Filter:
    """`choices` maps the values of the address to words; a value that is no choice finds what `where` finds."""

    label: str
    choices: Callable[[], Mapping[str, str]]
    where: Callable[[str, Look], Condition]


@dataclass(frozen=True)
class Column:
    """A head of the table; `sort` names the order it offers, "" for none."""

    label: str
    sort: str = ""


@dataclass(frozen=True, eq=False)
class CaseList:
    """The lists of one kind of case. `shown` are the columns a line is made of, `lines` makes them of the rows of a
    page, `seen` says what this person may see at all, `sorts` which orders an index serves beside `order`. `first`
    is the tab somebody begins on; `filters` are by the name they have in the address. `opened` gives of a row what is
    sealed in it, to sort by: that is done here, of no more than MOST_OPENED rows, because no database can."""

    name: str
    model: Any
    shown: tuple[Any, ...]
    tabs: Mapping[str, Tab]
    order: Order
    lines: Callable[[Sequence[Any], str, Look], list]
    columns: tuple[Column, ...]
    first: str
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sorts: Mapping[str, Order] = field(default_factory=dict)
    opened: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    seen: Callable[[Look], Sequence[Condition]] = lambda look: ()

    def opens(self, tab: str, look: Look) -> bool:
        """Whether this is sorted by what is sealed."""
        return look.sort.removeprefix("-") in self.opened and self.tabs[tab].order is None

    def order_of(self, tab: str, look: Look) -> Order:
        own = self.tabs[tab].order
        if self.opens(tab, look):
            return Order((self.model.id,))  # a page begins behind a row: a name stands in no address
        asked = self.sorts.get(look.sort.removeprefix("-"))
        if own is not None or asked is None:
            return own or self.order
        return asked.reversed() if look.sort.startswith("-") else asked


@dataclass(frozen=True)
class Page:
    """`older` is the place at which the next page begins, "" at the end."""

    lines: list
    older: str


def page_of(cases: CaseList, tab: str, look: Look, after: str = "") -> Page:
    """Up to PAGE lines of one tab after the place `after`; nonsense means the beginning."""
    return page_made_of(cases, tab, look, rows_of(cases, tab, look, after))


def rows_of(cases: CaseList, tab: str, look: Look, after: str = "") -> list:
    """The rows of a page and one more, if there is one, as the database gives them."""
    if cases.opens(tab, look):
        rows = _opened_rows(cases, tab, look)
        ids = [row.id for row in rows]
        start = ids.index(after) + 1 if after in ids else 0
        return rows[start:start + PAGE + 1]
    place = read_place(after, cases.order_of(tab, look).columns)
    return list(db.session.execute(_built(_rows, cases, tab, look, place is not None), look.asked | named(place)))


def _rows(cases: CaseList, tab: str, look: Look, begins: bool) -> Select:
    order = cases.order_of(tab, look)
    found = _found(cases, tab, look, order, PAGE + 1, begins)
    keys = keys_of(found.c, order)
    query = select(*cases.shown, *keys).join(found, found.c.case_id == cases.model.id)
    return query.order_by(*order.over(keys)).limit(PAGE + 1)


def page_made_of(cases: CaseList, tab: str, look: Look, rows: Sequence[Any]) -> Page:
    """The lines of such rows, opened, and where the next page begins."""
    length = len(cases.order_of(tab, look).columns)
    older = place_of(*rows[PAGE - 1][-length:]) if len(rows) > PAGE else ""
    return Page(cases.lines(rows[:PAGE], tab, look), older)


def ids_of(cases: CaseList, tab: str, look: Look) -> list[str]:
    """Ids of the first page."""
    order = cases.order_of(tab, look)
    found = _found(cases, tab, look, order, PAGE)
    return list(db.session.scalars(select(found.c.case_id).order_by(*order.over(keys_of(found.c, order))).limit(PAGE)))


def find(cases: CaseList, look: Look, order: Order, *conditions: Condition, most: int) -> list:
    """Lines of a search. Sorting reads every one that is found before the first is shown, so let them be few."""
    query = select(*cases.shown).where(*conditions).order_by(*order.over(order.columns)).limit(most)
    return cases.lines(db.session.execute(query).all(), "", look)


def counts(cases: CaseList, look: Look) -> dict[str, int]:
    """How many each counted tab holds, COUNT_CAP + 1 for more; one query."""
    return dict(db.session.execute(_built(_counts, cases, "", look), look.asked).one()._mapping)


def _counts(cases: CaseList, _tab: str, look: Look) -> Select:
    narrowed = _narrowed(cases, look)
    return select(*(
        _count(cases, tab, _ranges(cases, tab, look, narrowed)) for tab, shape in cases.tabs.items() if shape.is_counted
    ))


def count(cases: CaseList, tab: str, look: Look) -> int:
    """How many one tab holds, COUNT_CAP + 1 for more."""
    return db.session.scalar(select(count_of(cases, tab, look)))


def fits_opening(cases: CaseList, tab: str, look: Look) -> bool:
    """Whether there are few enough to be sorted by what is sealed."""
    found = _all_found(cases, tab, look, MOST_OPENED + 1)
    return db.session.scalar(select(func.count()).select_from(found)) <= MOST_OPENED


def _all_found(cases: CaseList, tab: str, look: Look, most: int):
    return _found(cases, tab, look, cases.order_of(tab, look), most)


def _opened_rows(cases: CaseList, tab: str, look: Look) -> list:
    """All of them in order; nothing beyond MOST_OPENED, which `fits_opening` has said."""
    found = _all_found(cases, tab, look, MOST_OPENED)
    query = select(*cases.shown, cases.model.id.label("place")).join(found, found.c.case_id == cases.model.id)
    key = cases.opened[look.sort.removeprefix("-")]
    told = sorted((key(row), row.id, row) for row in db.session.execute(query))
    return [row for *_, row in (reversed(told) if look.sort.startswith("-") else told)]


def neighbours(cases: CaseList, tab: str, look: Look, case: Any) -> tuple[str, str]:
    """Ids of the cases before and behind this one in a list, "" for none."""
    order = cases.order_of(tab, look)
    if any(getattr(column, "class_", None) is not cases.model for column in order.columns):
        order = cases.order  # nobody can say from the case alone where it stands
    if any(column.class_ is not cases.model for column in order.columns) or cases.tabs[tab].order not in (None, order):
        return "", ""
    place = tuple(getattr(case, column.key) for column in order.columns)
    if None in place:
        return "", ""
    query = _built(_neighbours, cases, tab, look, order is cases.order)
    beside = dict(db.session.execute(query, look.asked | named(place)).all())
    return beside.get(0, ""), beside.get(1, "")


def _neighbours(cases: CaseList, tab: str, look: Look, as_listed: bool) -> Any:
    order, sides = cases.order if as_listed else cases.order_of(tab, look), []
    for side, one in enumerate((order.reversed(), order)):
        found = _found(cases, tab, look, one, 1, begins=True)
        query = select(literal(side).label("side"), found.c.case_id).order_by(*one.over(keys_of(found.c, one)))
        sides.append(select(query.limit(1).subquery()))
    return union_all(*sides)


def conditions(cases: CaseList, tab: str, look: Look) -> list[Condition]:
    """What a tab ("" for all) and its filters mean together; for exports, which show the same."""
    parts = [or_(*(_all(part) for part in cases.tabs[tab].ranges(look)))] if tab else []
    return [*parts, *_narrowed(cases, look)]


NAMES = Written(select(STAFF.c.id, STAFF.c.name).order_by(STAFF.c.name))


@once_a_page
def staff_names() -> dict[str, str]:
    """Everybody who may be named in a list; a few dozen rows."""
    return {row.id: row.name for row in NAMES.ask()}


def capped_count(ranges: Sequence[Select], label: str) -> Label:
    """How many rows these ranges of an index hold together; COUNT_CAP + 1 stands for more. Each is read no
    further than that."""
    parts = [select(one.limit(COUNT_CAP + 1).subquery()) for one in ranges]
    found = union_all(*parts).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery().label(label)


def _built(build: Callable[..., Any], cases: CaseList, tab: str, look: Look, *more: Any) -> Any:
    """The statement `build(cases, tab, look, *more)`, kept unless the list is narrowed: of filters there are too many
    mixes, and what is sought is in them."""
    if look.filters:
        return build(cases, tab, look, *more)
    return written(_left_open, build, cases, tab, anyone_like(look.staff), look.sort, *more)


def _left_open(build: Callable[..., Any], cases: CaseList, tab: str, who: Anyone, sort: str, *more: Any) -> Any:
    return build(cases, tab, Look(who, {}, sort, NOW), *more)


def _found(cases: CaseList, tab: str, look: Look, order: Order, most: int, begins: bool = False):
    """Ids and places only, so that an index answers; the lines are read afterwards, for one page. With `begins` it
    begins behind the place that is given when it is asked."""
    keys = [column.label(f"key_{number}") for number, column in enumerate(order.columns)]
    query = cases.tabs[tab].join(select(cases.model.id.label("case_id"), *keys))
    query = query.where(*beyond(order) if begins else ()).order_by(*order.over(order.columns)).limit(most)
    ranges = _ranges(cases, tab, look, _narrowed(cases, look))
    return union_all(*(select(query.where(*one).subquery()) for one in ranges)).subquery()


def _ranges(
    cases: CaseList, tab: str, look: Look, narrowed: Sequence[Condition],
) -> list[tuple[Condition, ...]]:
    return [(*part, *narrowed) for part in cases.tabs[tab].ranges(look)]


def _narrowed(cases: CaseList, look: Look) -> list[Condition]:
    asked = [cases.filters[name].where(value, look) for name, value in look.filters.items() if name in cases.filters]
    return [*asked, *cases.seen(look)]


def count_of(cases: CaseList, tab: str, look: Look) -> Label:
    """The same as part of a statement."""
    return _count(cases, tab, _ranges(cases, tab, look, _narrowed(cases, look)))


def _count(cases: CaseList, tab: str, ranges: Sequence[Sequence[Condition]]) -> Label:
    """Sorted as the index is, so that counting stops at the cap."""
    order = cases.tabs[tab].order or cases.order
    query = cases.tabs[tab].join(select(cases.model.id)).order_by(*order.over(order.columns))
    return capped_count([query.where(*one) for one in ranges], tab)


def _all(part: tuple[Condition, ...]) -> Condition:
    first, *others = part
    for one in others:
        first = first & one
    return first
