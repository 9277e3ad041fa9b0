"""A TOML file into frozen dataclasses: nothing missing, nothing unknown, every fault named by key."""

import difflib
import re
import tomllib
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from app.office_hours import WeeklyHours, parse_hours

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLAIN_TYPES = {
    str: "text in quotes", int: "a whole number", bool: "true or false",
    date: "a date such as 2026-02-19",
}


class BadFile(Exception):
    """`key` is the dotted path of the faulty key, counting list entries from 1."""

    def __init__(self, key: str, reason: str):
        super().__init__(f"{key}: {reason}" if key else reason)
        self.key = key


def read_toml(path: Path) -> dict[str, Any]:
    """The file with every `{section.key}` in its texts replaced by that key's value."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile("", f"cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile("", f"is not valid TOML ({error})") from None
    return _filled(table, table, "")


def read(kind: type, table: Any, where: str = "") -> Any:
    """Build the dataclass `kind` from a table. Raises BadFile."""
    if not isinstance(table, dict):
        raise BadFile(where, "must be a section")
    known = {field.name: field for field in fields(kind)}
    for name in table:
        if name not in known:
            raise BadFile(_join(where, name), f"is not a known key{_guess(name, list(known))}")
    for name, field in known.items():
        if name not in table and field.default is MISSING:
            raise BadFile(_join(where, name), "is missing")
    hints = get_type_hints(kind)
    values = {
        name: _convert(hints[name], value, _join(where, name), known[name].default == "")
        for name, value in table.items()
    }
    try:
        return kind(**values)
    except ValueError as error:
        raise BadFile(where, str(error)) from None


def _convert(kind: Any, value: Any, where: str, may_be_empty: bool = False) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise BadFile(where, "must be a list")
        return tuple(_convert(get_args(kind)[0], item, f"{where}[{n}]") for n, item in enumerate(value, 1))
    if get_origin(kind) is Literal:
        return _one_of(get_args(kind), value, where)
    if kind is WeeklyHours:
        return _hours(value, where)
    if is_dataclass(kind):
        return read(kind, value, where)
    if type(value) is not kind:  # not isinstance: true is an int and a date-time is a date
        raise BadFile(where, f"must be {PLAIN_TYPES[kind]}")
    if kind is str and not value.strip() and not may_be_empty:
        raise BadFile(where, "is empty")
    return value.strip() if kind is str else value


def _one_of(allowed: tuple[str, ...], value: Any, where: str) -> str:
    if value not in allowed:
        raise BadFile(where, f"must be one of {', '.join(allowed)}{_guess(str(value), list(allowed))}")
    return value


def _hours(value: Any, where: str) -> WeeklyHours:
    if not isinstance(value, dict):
        raise BadFile(where, "must be a section with a key for each day")
    try:
        return parse_hours(value)
    except ValueError as error:
        raise BadFile(where, str(error)) from None


def _filled(value: Any, table: dict[str, Any], where: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, table, _join(where, name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, table, f"{where}[{n}]") for n, item in enumerate(value, 1)]
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: _value_of(found[1], table, where), value)
    return value


def _value_of(path: str, table: dict[str, Any], where: str) -> str:
    found: Any = table
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, str | int) or PLACEHOLDER.search(str(found)):
        raise BadFile(path, f"is missing or not a plain value, but {where} names it as {{{path}}}")
    return str(found)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _guess(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else ""
