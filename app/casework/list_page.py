"""The one page of every list: read from the address, kept for the next visit, renewed by itself."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_login import current_user

from app.base.problems import NotFound
from app.casework import lists
from app.casework.lists import COUNT_CAP, CaseList, Look
from app.web.htmx import render

LONGEST_VALUE = 40
SORT, AFTER, TAB = "urut", "sesudah", "tab"


@dataclass(frozen=True)
class ListPage:
    """Where a list is shown: `template` extends casework/list.html, `page` and `fresh` are endpoints of the list and
    of what renews it. `context` gives what the template needs besides, `sees_lines` says whether this person may see
    more than the numbers."""

    cases: CaseList
    template: str
    page: str
    fresh: str
    context: Callable[[], Mapping[str, Any]] = dict
    sees_lines: Callable[[], bool] = lambda: True


def look_of(cases: CaseList) -> Look:
    """Filters and order of the address; what no list offers finds nothing, so nothing else is checked."""
    given = {name: request.args.get(name, "")[:LONGEST_VALUE] for name in cases.filters}
    asked = request.args.get(SORT, "")
    sort = asked if asked.removeprefix("-") in cases.sorts else ""
    return Look(current_user, {name: value for name, value in given.items() if value}, sort)


def tab_of(cases: CaseList) -> str:
    """Raises NotFound for a tab there is not."""
    tab = request.args.get(TAB, cases.first)
    if tab not in cases.tabs:
        raise NotFound()
    return tab


def show_list(shown: ListPage) -> Response:
    tab, look = tab_of(shown.cases), look_of(shown.cases)
    after = request.args.get(AFTER, "")
    page = lists.page_of(shown.cases, tab, look, after) if shown.sees_lines() else lists.Page([], "")
    parameters = address_of(tab, look)
    return render(
        shown.template, rows=page.lines, **_frame(shown, tab, look),
        newest_url=url_for(shown.page, **parameters) if after else None,
        older_url=url_for(shown.page, **parameters, **{AFTER: page.older}) if page.older else None,
    )


def show_found(shown: ListPage, typed: str, rows: list) -> Response:
    """What a search found, in the frame of the list. By POST, because names and numbers stand in no address."""
    frame = _frame(shown, "", Look(current_user)) | {"typed": typed, "newest_url": None, "older_url": None}
    return render(shown.template, rows=rows, **frame)


def renew(shown: ListPage) -> Response:
    """What changed on an open list: numbers and cells, nothing that moves a line. 204 when nothing did."""
    look = look_of(shown.cases)
    told = render_template("casework/counts.html", counts=lists.counts(shown.cases, look), cap=COUNT_CAP)
    version = f"{zlib.crc32(told.encode()):x}"
    if request.headers.get("If-None-Match", "") == version:
        return make_response("", 204)
    answer = make_response(told)
    answer.headers["ETag"] = version
    return answer


def address_of(tab: str, look: Look) -> dict[str, str]:
    """Parameters of the address of a list as it is looked at."""
    return {TAB: tab, **look.filters, **({SORT: look.sort} if look.sort else {})}


def _frame(shown: ListPage, tab: str, look: Look) -> dict[str, Any]:
    """Everything around the lines. While a search is shown no tab is open."""
    cases, here = shown.cases, tab or shown.cases.first
    kept = {name: value for name, value in address_of(here, look).items() if name != TAB}
    return {
        "cases": cases, "tab": tab, "counts": lists.counts(cases, look), "cap": COUNT_CAP, "typed": "",
        "tabs": [(key, one.label, url_for(shown.page, **{TAB: key}, **kept)) for key, one in cases.tabs.items()],
        "renew_url": url_for(shown.fresh, **kept), "filters": look.filters, "sort": look.sort,
        "choices": {name: (one.label, one.choices()) for name, one in cases.filters.items()},
        "list_url": url_for(shown.page), "bare_url": url_for(shown.page, **{TAB: here}),
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
    return url_for(shown.page, **parameters), now
