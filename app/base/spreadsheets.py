"""Tables to take along, as CSV and XLSX: the one writer behind every download.

A cell that a spreadsheet would run is defused (OWASP, CSV injection). Rows are taken one by one, so that a hundred
thousand fit into the memory of a small machine.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

LONGEST_CELL = 32_000  # a spreadsheet takes 32,767
LONGEST_TITLE = 31  # of a sheet
NOTHING = "-"  # calculates nothing by itself
# a leading sign that makes a spreadsheet calculate, also behind blanks or quotes
_RUNS = re.compile(r"^[\s\"'\u200b\ufeff]*[=+\-@|\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Sheet:
    """One table; cells are texts, numbers, dates or None."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence]


def csv_lines(columns: Sequence[str], found: Iterable[Sequence]) -> Iterator[str]:
    """Lines of a CSV as Excel in Indonesia opens it: UTF-8 with a mark, semicolons."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow(columns)
    yield _taken(out)
    for row in found:
        writer.writerow([defused(value) for value in row])
        yield _taken(out)


def workbook(sheets: Iterable[Sheet]) -> IO[bytes]:
    """A workbook, every text a text. The caller closes the temporary file."""
    from openpyxl import Workbook  # a quarter of a second to load, for a few tables a day

    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(_NO_TITLE.sub(" ", one.title)[:LONGEST_TITLE])
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, column, bold=True) for column in one.columns])
        for row in one.rows:
            sheet.append([_cell(sheet, value) for value in row])
    out = tempfile.TemporaryFile()  # noqa: SIM115 - lives on while the answer is sent
    book.save(out)
    out.seek(0)
    return out


def defused(value: object) -> object:
    """Texts that a spreadsheet would calculate get an apostrophe in front."""
    if not isinstance(value, str):
        return value
    text = _UNREADABLE.sub("", value)[:LONGEST_CELL]
    return f"'{text}" if _RUNS.match(text) and text != NOTHING else text


def _cell(sheet, value: object, bold: bool = False) -> object:
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=defused(value))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
