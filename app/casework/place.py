"""Where a page of a list begins, as it stands in its address: the values the list is sorted by, the id last."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import String

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROS, WORDS = re.compile("[0-9]{1,16}"), re.compile("x(?:[0-9a-f]{2}){0,200}")  # a moment; UTF-8


def place_of(*values: Any) -> str:
    """For an address: `place_of(due_at, id)`."""
    *before, last_id = values
    return "-".join([*(_in_address(value) for value in before), last_id])


def read_place(text: str, columns: Sequence[Any]) -> tuple | None:
    """Where a page begins, from its address; nonsense means the beginning."""
    *before, last_id = text.split("-")
    shapes = [WORDS if isinstance(column.type, String) else MICROS for column in columns[:-1]]
    if len(before) != len(shapes) or not all(map(re.fullmatch, shapes, before)):
        return None
    return (*(_out_of_address(part) for part in before), last_id[:32])


def _in_address(value: Any) -> str:
    if isinstance(value, str):
        return f"x{value.encode().hex()}"
    return str((value - EPOCH) // timedelta(microseconds=1))


def _out_of_address(part: str) -> Any:
    if part.startswith("x"):
        return bytes.fromhex(part[1:]).decode(errors="replace").replace("\0", "")  # PostgreSQL knows no NUL
    return EPOCH + timedelta(microseconds=int(part))
