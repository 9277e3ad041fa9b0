"""One step more: what an unknown browser proves when the budget of strangers is used up.

The state of the step is sealed and lies with the browser, made alike for right and wrong, so that
neither its length nor a row tells whether the secret was right. Only who was right is sent a code.
"""

import base64
import binascii
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta

from app.base import clock, limits
from app.base.ids import LONG_CODE, new_code, new_id
from app.base.problems import DomainError
from app.base.sealing import SealBroken
from app.base.services import sealer

LIFE = timedelta(minutes=15)
WRONG = "Kode tidak cocok. Periksa kodenya, lalu coba lagi."


class StepNeeded(DomainError):
    """Right or wrong, one step more; `token` goes into the browser's cookie."""

    def __init__(self, token: str):
        super().__init__()
        self.token = token


class StepOver(DomainError):
    """Unknown, expired, used, or tried too often."""

    message = "Langkah ini sudah berakhir. Mulai lagi dari awal."


@dataclass(frozen=True)
class Step:
    """`subject` is the id of an account, registration or ticket, or of nothing when `right` is 0;
    `stamp` that of the mark it led to, so that a changed secret ends the step. `until` in seconds."""

    lock: str
    subject: str
    right: int
    stamp: str
    code: str
    nonce: str
    until: int


def begin(lock: str, subject: str | None, stamp: str = "") -> Step:
    """`subject` is None when the secret was wrong or no code is sent: then no code is ever right.

    Eight digits, because strangers may come here as often as they like.
    """
    return Step(
        lock, subject or new_id(), int(subject is not None), stamp or secrets.token_hex(12), new_code(LONG_CODE),
        secrets.token_hex(12), int((clock.now() + LIFE).timestamp()),
    )


def seal(step: Step) -> str:
    text = json.dumps(asdict(step), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(sealer().seal(text, _context(step.lock))).decode()


def held(token: str, lock: str) -> Step | None:
    """The step this browser is at, while it lasts."""
    try:
        text = sealer().open(base64.urlsafe_b64decode(token.encode()), _context(lock))
    except (SealBroken, binascii.Error, ValueError):
        return None
    step = Step(**json.loads(text))
    over = step.until <= clock.now().timestamp() or limits.is_blocked("step-used", step.nonce)
    return None if over else step


def spend_try(token: str, lock: str) -> Step:
    """Count one of the five tries before anything is compared. Raises StepOver."""
    step = held(token, lock)
    if step is None or not limits.take(("step-tries", step.nonce)):
        raise StepOver()
    return step


def is_code(step: Step, typed: str) -> bool:
    plain = "".join(c for c in typed[:40] if not c.isspace())
    return hmac.compare_digest(step.code.encode(), plain.encode()) and step.right == 1


def use_up(step: Step) -> None:
    """Raises StepOver for who comes second."""
    if not limits.take(("step-used", step.nonce)):
        raise StepOver()


def may_send(lock: str, index: str) -> bool:
    """Whether one more code may go to the owner today; asked only when the secret was right."""
    return limits.take(("step-sent", f"{lock}:{index}"))


def _context(lock: str) -> str:
    return f"step:{lock}"
