"""What the lists of every desk share: pages that begin at a place instead of a number, and counts that stop.

A place is the values a list is sorted by, moments first and the id last, so that no row is lost or shown twice
while others come and go.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Label, Select, func, select, union_all

PAGE = 25
COUNT_CAP = 99
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROS = re.compile("[0-9]{1,16}")


def place_of(*values: Any) -> str:
    """For an address: `place_of(due_at, id)`."""
    *moments, last_id = values
    return "-".join([*(str((moment - EPOCH) // timedelta(microseconds=1)) for moment in moments), last_id])


def read_place(text: str, length: int) -> tuple | None:
    """Where a page begins, from its address; nonsense means the beginning."""
    *moments, last_id = text.split("-")
    if len(moments) != length - 1 or not all(MICROS.fullmatch(moment) for moment in moments):
        return None
    return (*(EPOCH + timedelta(microseconds=int(moment)) for moment in moments), last_id[:32])


def capped_count(ranges: Sequence[Select], label: str) -> Label:
    """How many rows these ranges of an index hold together; COUNT_CAP + 1 stands for more. Each is read no
    further than that."""
    parts = [select(one.limit(COUNT_CAP + 1).subquery()) for one in ranges]
    found = union_all(*parts).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery().label(label)
