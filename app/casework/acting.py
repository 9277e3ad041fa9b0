"""Doing something to a case: always under the row's lock, on the version the page showed, by who may, with the
claim."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.base.database import transaction
from app.base.problems import NotAllowed, StaleDecision
from app.casework import claims
from app.casework.desk import Desk, Seen
from app.casework.moving import Case, locked


@contextmanager
def acting(desk: Desk, seen: Seen, also: tuple[str, ...] = ()) -> Iterator[Case]:
    """One transaction for one act. Raises what `held` raises; then nothing is written. `also` are further
    cases the act writes to: all are locked in one order, so that two such acts never wait for each other."""
    with transaction():
        for case_id in sorted({seen.case_id, *also}):
            locked(desk.model, case_id)
        yield held(desk, seen)


def held(desk: Desk, seen: Seen) -> Case:
    """The case, locked, when the page was not late and nothing bars this person. Raises NotFound,
    StaleDecision, NotAllowed, ClaimLost."""
    case = locked(desk.model, seen.case_id)
    desk.find(seen.case_id, seen.staff)
    if case.version != seen.version:
        raise StaleDecision(f"{desk.noun} sudah berubah sejak Anda membukanya. Tidak ada yang dikirim atau disimpan.")
    if bar := desk.bar(case, seen.staff):
        raise NotAllowed(bar)
    claims.check(desk, case, seen.token, seen.staff)
    return case
