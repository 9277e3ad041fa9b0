"""The one page of every list: read from the address, kept for the next visit, renewed by itself."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from flask_login import current_user

from app.base import journal
from app.base.database import transaction
from app.base.problems import FormRejected, NotFound
from app.casework import bulk, labels, lists, work
from app.casework.lists import COUNT_CAP, CaseList, Look
from app.web.access import polling, staff, who_asks
from app.web.addresses import address
from app.web.htmx import go_to, render

LONGEST_VALUE = 40
PLAIN = "!$'()*,/:;?@"  # as Werkzeug leaves it in an address
SORT, AFTER, TAB = "urut", "sesudah", "tab"
RENEWED, VIEWS, FOUND, TAKE_NEXT = "renewed", "views", "found", "take_next"


@dataclass(frozen=True)
class ListPage:
    """Where a list is shown: `template` extends casework/list.html; `page` and `case` are endpoints of the list and of
    one case, whose id is called `case_id_name`. `context` gives what the template needs besides, `sees_lines` says
    whether this person may see more than the numbers, `about` is what the journal calls the kind, should its cases have
    labels."""

    cases: CaseList
    template: str
    page: str
    case: str
    case_id_name: str
    context: Callable[[], Mapping[str, Any]] = dict
    sees_lines: Callable[[], bool] = lambda: True
    about: str = ""

    def beside(self, name: str) -> str:
        """An endpoint of the same blueprint."""
        return f"{self.page.partition('.')[0]}.{name}"


def serve_list(blueprint: Blueprint, shown: ListPage, permission: str) -> None:
    """The addresses of a list: itself, what renews it while it is open, and its saved views."""
    @staff(permission)
    def page():
        return show_list(shown)

    blueprint.add_url_rule("", shown.page.partition(".")[2], page)
    serve_beside(blueprint, shown, permission, permission)


def serve_beside(blueprint: Blueprint, shown: ListPage, reads: str, keeps: str) -> None:
    """For a list whose own address does more. `reads` may renew it, `keeps` has saved views."""
    @polling
    @staff(reads)
    def renewed():
        return renew(shown)

    @staff(keeps)
    def views():
        return save_or_drop_view(shown)

    blueprint.add_url_rule("/hitungan", RENEWED, renewed)
    blueprint.add_url_rule("/tampilan", VIEWS, views, methods=["POST"])


def serve_search(
    blueprint: Blueprint, shown: ListPage, search: Callable[[str, Any], list], permission: str, longest: int,
) -> None:
    """`search(typed, staff)` gives the lines that are shown in the frame of the list. By POST, because names and
    numbers stand in no address."""
    @staff(permission)
    def found():
        typed = request.form.get("q", "").strip()[:longest]
        words = typed.replace("\0", "")  # which PostgreSQL takes in no question
        return show_found(shown, typed, search(words, current_user) if words else [])

    blueprint.add_url_rule("/cari", FOUND, found, methods=["POST"])


def serve_next(
    blueprint: Blueprint, shown: ListPage, take_next: Callable[[Any], str | None], permission: str, nothing: str,
) -> None:
    """`take_next(staff)` gives the id of the case they now hold; `nothing` is told when none waits for them."""
    @staff(permission)
    def take():
        case_id = take_next(current_user)
        if case_id is None:
            flash(nothing)
            return go_to(url_for(shown.page))
        return go_to(url_for(shown.case, **{shown.case_id_name: case_id}))

    blueprint.add_url_rule("/berikutnya", TAKE_NEXT, take, methods=["POST"])


@dataclass(frozen=True)
class Around:
    """Addresses around a case: the list as this person last looked at it, what a script shows of it beside the case,
    and its neighbours there, "" for none."""

    back: str
    beside: str
    before: str
    behind: str


def look_of(cases: CaseList, given: Mapping[str, str] | None = None) -> Look:
    """Filters and order of the address, or of a kept one; what no list offers finds nothing, so nothing else is
    checked."""
    given = request.args if given is None else given
    filters = {name: given.get(name, "")[:LONGEST_VALUE] for name in cases.filters}
    asked = given.get(SORT, "")
    sort = asked if asked.removeprefix("-") in {*cases.sorts, *cases.opened} else ""
    return Look(who_asks(), {name: value for name, value in filters.items() if value}, sort)


def tab_of(cases: CaseList, given: Mapping[str, str]) -> str:
    """Raises NotFound for a tab there is not."""
    tab = given.get(TAB, cases.first)
    if tab not in cases.tabs:
        raise NotFound()
    return tab


def show_list(shown: ListPage) -> Response:
    """The page; who comes without saying how sees the tab of this role narrowed as the last time."""
    cases = shown.cases
    if not request.args and (kept := look_of(cases, work.kept_view(cases, who_asks()))).filters:
        return redirect(url_for(shown.page, **address_of(cases.first, kept)))
    tab, look = tab_of(cases, request.args), look_of(cases)
    after = request.args.get(AFTER, "")
    if shown.sees_lines() and cases.opens(tab, look):
        look = _opening(cases, tab, look)
    rows = lists.rows_of(cases, tab, look, after) if shown.sees_lines() else []
    if shown.sees_lines():
        work.remember(cases, who_asks(), address_of(tab, look))
    return _list(shown, tab, look, after, rows)


def _opening(cases: CaseList, tab: str, look: Look) -> Look:
    """Sorting by what is sealed opens every record of the list: it is a line of the journal, and too many are not
    sorted so, which is said."""
    if not lists.fits_opening(cases, tab, look):
        flash(f"Lebih dari {lists.MOST_OPENED} berkas: saring dulu, lalu urutkan menurut kolom itu. Nama dan NIK "
              "tersimpan tersandi, jadi hanya daftar yang lebih pendek yang dapat diurutkan menurutnya.")
        return replace(look, sort="")
    with transaction():
        journal.record("list_opened_to_sort", actor=journal.Actor("staff", current_user.id),
                       about=("staff", current_user.id), detail={"by": look.sort.removeprefix("-")})
    return look


def show_found(shown: ListPage, typed: str, rows: list) -> Response:
    """What a search found, in the frame of the list."""
    frame = _frame(shown, "", Look(who_asks())) | {"typed": typed, "newest_url": None, "older_url": None}
    return render(shown.template, rows=rows, **frame)


def renew(shown: ListPage) -> Response:
    """The open list as it is now; its script changes what changed and moves no line. 204 when nothing did since the
    version in If-None-Match: then no record is opened. Time left ticks once a minute. A list sorted by what is sealed
    stands still: only who asks for it has it opened."""
    cases = shown.cases
    tab, look = tab_of(cases, request.args), look_of(cases)
    if cases.opens(tab, look):
        return make_response("", 204)
    after = request.args.get(AFTER, "")
    rows = lists.rows_of(cases, tab, look, after) if shown.sees_lines() else []
    counted = lists.counts(cases, look)
    labelled = labels.of([row.id for row in rows], shown.about) if shown.about else {}
    told = repr([look.now.replace(second=0, microsecond=0), counted, labelled, [tuple(row) for row in rows]])
    version = f"{zlib.crc32(told.encode()):x}"
    if request.headers.get("If-None-Match", "") == version:
        return make_response("", 204)
    answer = _list(shown, tab, look, after, rows)
    answer.headers["ETag"] = version
    return answer


def around(shown: ListPage, case: Any) -> Around:
    """The way back from a case, and its neighbours in the list this person looked at last. Beside a case no list is
    opened to be sorted: it stands in its plain order there."""
    cases, kept = shown.cases, work.kept_view(shown.cases, who_asks())
    tab = kept.get(TAB, "") if kept.get(TAB, "") in cases.tabs else cases.first
    look = look_of(cases, kept)
    back = _url(shown.page, address_of(tab, look))
    if cases.opens(tab, look):
        look = replace(look, sort="")
    urls = [
        address(shown.case, **{shown.case_id_name: one}) if one else ""
        for one in lists.neighbours(cases, tab, look, case)
    ]
    return Around(back, _url(shown.beside(RENEWED), address_of(tab, look)), *urls)


def save_or_drop_view(shown: ListPage) -> Response:
    """Keep the list as it is looked at now under the name of the form, or forget that name."""
    name = request.form.get("name", "")
    if "hapus" in request.form:
        work.drop_view(shown.cases, current_user, name)
        flash("Tampilan dihapus.")
    else:
        try:
            work.save_view(shown.cases, current_user, name)
            flash("Tampilan tersimpan.")
        except FormRejected as rejected:
            flash(rejected.errors["name"][0])
    kept = work.kept_view(shown.cases, current_user)
    return go_to(url_for(shown.page, **kept))


def _list(shown: ListPage, tab: str, look: Look, after: str, rows: list) -> Response:
    page = lists.page_made_of(shown.cases, tab, look, rows)
    parameters = address_of(tab, look)
    labelled = labels.of_page([line.id for line in page.lines], shown.about) if shown.about else {}
    return render(
        shown.template, rows=page.lines, **_frame(shown, tab, look, after) | {"case_labels": labelled},
        newest_url=url_for(shown.page, **parameters) if after else None,
        older_url=url_for(shown.page, **parameters, **{AFTER: page.older}) if page.older else None,
    )


def _url(page: str, parameters: Mapping[str, str]) -> str:
    """As url_for() makes it, of which a list needs thirty of one page."""
    query = urlencode([(name, value) for name, value in parameters.items() if value is not None], safe=PLAIN)
    return f"{address(page)}?{query}" if query else address(page)


def address_of(tab: str, look: Look) -> dict[str, str]:
    """Parameters of the address of a list as it is looked at."""
    return {TAB: tab, **look.filters, **({SORT: look.sort} if look.sort else {})}


def _frame(shown: ListPage, tab: str, look: Look, after: str = "") -> dict[str, Any]:
    """Everything around the lines. While a search is shown no tab is open."""
    cases, here = shown.cases, tab or shown.cases.first
    kept = {name: value for name, value in address_of(here, look).items() if name != TAB}
    return {
        "cases": cases, "tab": tab, "counts": lists.counts(cases, look), "cap": COUNT_CAP, "typed": "",
        "tabs": [(key, one.label, _url(shown.page, {TAB: key, **kept}), one.is_aside and key != tab)
                 for key, one in cases.tabs.items()],
        "renew_url": _url(shown.beside(RENEWED), {TAB: here, **kept, **({AFTER: after} if after else {})}),
        "views": {
            name: _url(shown.page, given) for name, given in work.named_views(cases, who_asks()).items()
        },
        "views_url": address(shown.beside(VIEWS)), "looked_at": look.now, "filters": look.filters, "sort": look.sort,
        "choices": {name: (one.label, one.choices()) for name, one in cases.filters.items()},
        "case_labels": {}, "many": bulk.offered(cases.name, who_asks()), "list_url": address(shown.page),
        "bare_url": _url(shown.page, {TAB: here}),
        "heads": [(column.label, *_sorting(shown, column.sort, here, look)) for column in cases.columns],
        "empty": cases.tabs[here].empty, **shown.context(),
    }


def _sorting(shown: ListPage, sort: str, tab: str, look: Look) -> tuple[str, str]:
    """(address that sorts by this column, how it is sorted now: "ascending", "descending" or "")."""
    cases = shown.cases
    if not sort or cases.tabs[tab].order is not None:
        return "", ""
    current = look.sort or next(name for name, order in cases.sorts.items() if order == cases.order)
    now = {sort: "ascending", f"-{sort}": "descending"}.get(current, "")
    wanted = f"-{sort}" if now == "ascending" else sort
    parameters = {**address_of(tab, look), SORT: wanted}
    return _url(shown.page, parameters), now
