"""How a list is sorted, and where a page of it begins, as it stands in its address: the values it is sorted by, the id
last."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import String, bindparam, tuple_

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROS, WORDS = re.compile("[0-9]{1,16}"), re.compile("x(?:[0-9a-f]{2}){0,200}")  # a moment; UTF-8


@dataclass(frozen=True)
class Order:
    """Columns, the id last, as an index of every range of the tab has them. Without an index the open cases of a tab
    are sorted, of which no office has more than some hundreds."""

    columns: tuple[Any, ...]
    newest_first: bool = False

    def reversed(self) -> "Order":
        return Order(self.columns, not self.newest_first)

    def over(self, columns: Sequence[Any]) -> list:
        return [column.desc() for column in columns] if self.newest_first else list(columns)


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


def beyond(order: Order) -> list[Any]:
    """Conditions: behind the place whose values are given as named() has them."""
    values = tuple_(*(bindparam(f"place_{at}", type_=column.type) for at, column in enumerate(order.columns)))
    here = tuple_(*order.columns)
    return [here < values if order.newest_first else here > values]


def named(place: tuple | None) -> dict[str, Any]:
    return {f"place_{at}": value for at, value in enumerate(place or ())}


def keys_of(columns: Any, order: Order) -> list:
    return [columns[f"key_{number}"] for number in range(len(order.columns))]
