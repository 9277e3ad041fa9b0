"""A table as the answer to a request: streamed, named, never shown in the page."""

from collections.abc import Iterable, Sequence

from flask import Response, stream_with_context

from app.base import clock
from app.base.spreadsheets import Sheet, csv_lines, workbook

CSV, XLSX = "csv", "xlsx"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 64 * 1024


def send_table(name: str, kind: str, columns: Sequence[str], rows: Iterable[Sequence], title: str) -> Response:
    """`kind` is CSV or XLSX; `title` names the sheet of a workbook."""
    if kind == XLSX:
        return send_workbook(name, [Sheet(title, columns, rows)])
    return _named(Response(stream_with_context(csv_lines(columns, rows)), mimetype="text/csv"), f"{name}.csv")


def send_workbook(name: str, sheets: Iterable[Sheet]) -> Response:
    made = workbook(sheets)
    response = Response(iter(lambda: made.read(CHUNK), b""), mimetype=XLSX_TYPE)
    response.call_on_close(made.close)
    return _named(response, f"{name}.xlsx")


def _named(response: Response, name: str) -> Response:
    stem, _, ending = name.rpartition(".")
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}-{clock.today().isoformat()}.{ending}"'
    return response
