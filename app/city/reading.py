"""How `city.toml` is read: nothing missing, nothing unknown, nothing of the wrong kind, every fault
named by its key. The decoding is pydantic's; here stand its strictness and its sentences."""

import difflib
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from app.city.worktime import WeeklyHours, parse_hours

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# defer_build: a section is not built by itself and once more inside the whole
STRICT = ConfigDict(strict=True, extra="forbid", str_strip_whitespace=True, str_min_length=1, defer_build=True)
T = TypeVar("T")

section = dataclass(frozen=True, config=STRICT)
MayBeEmpty = Annotated[str, Field(min_length=0)]

SENTENCES = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "string_too_short": "is empty",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "date_type": "must be a date such as 2026-02-19",
    "date_parsing": "must be a date such as 2026-02-19",
    "tuple_type": "must be a list",
    "dataclass_type": "must be a section",
}
UNKNOWN = "unexpected_keyword_argument"


def _as_hours(told: Any) -> WeeklyHours:
    return told if isinstance(told, WeeklyHours) else parse_hours(told)


Hours = Annotated[WeeklyHours, BeforeValidator(_as_hours)]


class BadFile(Exception):
    """`key` is the dotted path of the faulty key, counting list entries from 1."""

    def __init__(self, key: str, reason: str):
        super().__init__(f"{key}: {reason}" if key else reason)
        self.key = key


def read_file(kind: type[T], path: Path) -> T:
    """The section class `kind` from a TOML file. Raises BadFile for the first fault."""
    table = _read_toml(path)
    try:
        # as JSON, because strictness towards Python objects would refuse lists and sections, too
        return _decoder(kind).validate_json(json.dumps(table, default=str))
    except ValidationError as error:
        # a misspelled key is missing, too: the wrong spelling is what helps
        faults = sorted(error.errors(), key=lambda fault: fault["type"] != UNKNOWN)
        raise BadFile(_key(faults[0]["loc"]), _sentence(faults[0], faults)) from None


@cache
def _decoder(kind: type[T]) -> TypeAdapter[T]:
    """Made once: to make it takes six times as long as to read a file with it."""
    return TypeAdapter(kind)


def _sentence(fault: dict[str, Any], faults: list[dict[str, Any]]) -> str:
    kind, name = fault["type"], str(fault["loc"][-1]) if fault["loc"] else ""
    if kind == UNKNOWN:
        beside = [f["loc"][-1] for f in faults if f["type"] == "missing" and f["loc"][:-1] == fault["loc"][:-1]]
        return f"is not a known key{_guess(name, beside)}"
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
        return f"must be one of {', '.join(allowed)}{_guess(str(fault['input']), allowed)}"
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    return SENTENCES.get(kind) or fault["msg"]


def _read_toml(path: Path) -> dict[str, Any]:
    """The file with every `{section.key}` in its texts replaced by that key's value."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile("", f"cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile("", f"is not valid TOML ({error})") from None
    return _filled(table, table, ())


def _filled(value: Any, table: dict[str, Any], where: tuple) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, table, (*where, name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, table, (*where, n)) for n, item in enumerate(value)]
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: _value_of(found[1], table, where), value)
    return value


def _value_of(path: str, table: dict[str, Any], where: tuple) -> str:
    found: Any = table
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, str | int) or PLACEHOLDER.search(str(found)):
        raise BadFile(path, f"is missing or not a plain value, but {_key(where)} names it as {{{path}}}")
    return str(found)


def _key(where: tuple) -> str:
    """("channels", 2, "kind") -> channels[3].kind"""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".")


def _guess(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else ""
