"""How the database finds a list: one walk of one index that fits, for every tab and every mix of filters.
Plans are asked for, not times (`make bench` prints those)."""

import itertools
import re
from dataclasses import dataclass

import pytest
from sqlalchemy import event, text

from app.base.database import db
from app.casework import lists
from app.casework.lists import Look
from app.complaints.desk import inbox

COLUMNS = {
    "kanal": "channel", "kategori": "category", "jenis": "kind", "bagian": "unit", "petugas": "assigned_to",
}
MIXES = [mix for size in range(len(COLUMNS) + 1) for mix in itertools.combinations(COLUMNS, size)]
FEW = [mix for mix in MIXES if len(mix) in (0, 1, len(COLUMNS))]
HOW_MANY = pytest.mark.parametrize("mixes", [FEW, pytest.param(MIXES, marks=pytest.mark.long)], ids=["few", "every"])
ALWAYS = ("assigned_to", "unsure", "dismissal_unseen")  # of the tabs that need no filter for it
# who holds a ticket now changes with every claim, so no index has it: there the first rows that fit are looked at.
# Of those whose stage is over, few in any office, the row says whether the promise is over too
TO_ROWS = (inbox.FOR_ME, inbox.LATE, inbox.BEHIND)
LITE_WALK = re.compile(r"SEARCH ticket USING COVERING INDEX ix_ticket_(\w+) \((\w+)=\?")
LITE_WALK_TO_ROWS = re.compile(r"SEARCH ticket USING INDEX ix_ticket_(\w+) \((\w+)=\?")


@dataclass(frozen=True)
class Person:
    id: str = "0" * 32
    role: str = "petugas"
    jabatan: str = ""


def plans_of(act, explain: str) -> list[str]:
    """Every line of the plans of what `act` asks about tickets."""
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if "ticket" in statement:
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    act()
    event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    return [row[-1] for one in asked for row in connection.exec_driver_sql(f"{explain} {one[0]}", one[1])]


def look(tab: str, mix: tuple[str, ...]) -> None:
    look = Look(Person(), {name: Person.id if name == "petugas" else "x" for name in mix})
    lists.page_of(inbox.COMPLAINTS, tab, look)
    if inbox.TABS[tab].is_counted:
        lists.count(inbox.COMPLAINTS, tab, look)


@pytest.mark.usefixtures("on_sqlite")
@HOW_MANY
def test_every_mix_of_filters_is_a_walk_of_an_index_that_begins_with_one_of_them(app_context, mixes):
    for tab, mix in itertools.product(inbox.TABS, mixes):
        lines = plans_of(lambda tab=tab, mix=mix: look(tab, mix), "EXPLAIN QUERY PLAN")
        walk = LITE_WALK_TO_ROWS if tab in TO_ROWS else LITE_WALK
        on_rows = [line for line in lines if re.search(r"\bticket\b", line) and "autoindex" not in line]
        begins = {found[2] for line in on_rows if (found := walk.match(line))}
        assert all(walk.match(line) for line in on_rows), (tab, mix, on_rows)
        allowed = {*(COLUMNS[name] for name in mix), *ALWAYS, *(() if mix else ("tray",))}
        assert begins and begins <= allowed, (tab, mix, begins)
        # of one page out of each of two trays
        assert sum("TEMP B-TREE" in line for line in lines) <= 2, (tab, mix, lines)


def _reads(line: str) -> bool:
    return "Scan" in line and "Subquery" not in line


@HOW_MANY
def test_the_same_on_postgresql(pg_app, mixes):
    with pg_app.app_context():
        for switch in ("seqscan", "bitmapscan", "sort"):  # an empty table would be read whole
            db.session.execute(text(f"SET LOCAL enable_{switch} = off"))
        for tab, mix in itertools.product(inbox.TABS, mixes):
            lines = plans_of(lambda tab=tab, mix=mix: look(tab, mix), "EXPLAIN (COSTS OFF)")
            scans = [(line, " ".join(lines[place:place + 3])) for place, line in enumerate(lines) if _reads(line)]
            # an empty table has no statistics that say how few tickets hold doubtful words
            fits = "Index Scan|pk_ticket" if tab in TO_ROWS else "Index Only Scan|pk_ticket|unsure|dismissal_unseen"
            wrong = [line for line, told in scans if not re.search(fits, told)]
            assert wrong == [], (tab, mix)
            assert not any(line.strip(" ->") == "Sort" for line in lines), "\n".join(lines)


@pytest.mark.usefixtures("on_sqlite")
def test_namesakes_are_found_newest_first_without_reading_all(app_context):
    from app.complaints.desk import search

    lines = plans_of(lambda: search._with_name("BUDI CONTOH", Person()), "EXPLAIN QUERY PLAN")
    assert any("ix_ticket_name_word_newest (word_index=?)" in line for line in lines)
    assert not any("TEMP B-TREE" in line or line.startswith("SCAN ticket") for line in lines), lines
