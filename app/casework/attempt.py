"""From an act to its page: what was refused comes back as the page of the case, with everything that was typed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from app.base.problems import FormRejected, NotAllowed, StaleDecision, TemporarilyUnavailable
from app.casework import drafts
from app.casework.desk import Seen, Staff
from app.web.htmx import come_back

LONGEST_NUMBER = 9
TRY_AGAIN = 5


@dataclass(frozen=True)
class Refusal:
    """`errors` by field when something is missing; otherwise one sentence says why nothing was done."""

    status: int
    sentence: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


Show = Callable[[Refusal], Response]


def attempt(do: Callable[[], Any], then: Callable[[Any], Response], show: Show) -> Response:
    """Do one thing, then answer; when it is refused, `show` the case again: 422 what is missing, 403 who may not,
    409 who came too late, 503 when the database is busy. Nothing of the act is written then, and what was typed
    stays kept (drafts.py) until it succeeds."""
    draft = request.form.get(drafts.FIELD, "")
    try:
        if draft:
            drafts.keep(draft, request.form.lists(), current_user)
        done = do()
    except FormRejected as rejected:
        return show(Refusal(422, errors=rejected.errors))
    except NotAllowed as refused:
        return show(Refusal(403, refused.message))
    except StaleDecision as late:
        return show(Refusal(409, late.message))
    except StaleDataError:  # under the row's lock it cannot happen; should it, nobody loses words
        return show(Refusal(409, StaleDecision.message))
    except (OperationalError, PoolTimeout):
        return come_back(show(Refusal(503, TemporarilyUnavailable.message)), TRY_AGAIN)
    if draft:
        drafts.drop(draft, current_user)
    return then(done)


def read_number(name: str) -> int:
    """A whole number of the form; -1 for nonsense, which counts as stale, not as an error of ours."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else -1


def read_seen(case_id: str, staff: Staff) -> Seen:
    """The version and claim the page showed."""
    return Seen(case_id, read_number("version"), request.form.get("claim_token", "")[:32], staff)


def typed_now() -> MultiDict:
    """What this request brought, to be shown again."""
    return request.form if request.method == "POST" else MultiDict()


def typed_words(names: dict[str, str], words: dict[str, str]) -> list[tuple[str, str]]:
    """(how the field is called, what was typed) of everything a person filled in, for who came too late."""
    return [
        (names.get(name, "Catatan" if name.startswith("note_") else "Alasan"), words.get(value, value))
        for name, value in typed_now().items(multi=True) if value.strip() and name not in drafts.CARRIED
    ]
