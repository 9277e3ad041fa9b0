"""Structured logs, one JSON object a line, with personal data cut out by key and by shape."""

import contextlib
import logging
import re
import sys
from collections.abc import Callable, Iterable

import structlog

# names of values that are cut out wherever they come from; the fields of a form join by `init_logs`
SECRET_KEYS = {
    "kk", "name", "phone", "password", "pin", "token", "code", "authorization", "cookie", "body", "photo", "email",
}
SIXTEEN_DIGITS = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){15}(?!\d)")
PHONE = re.compile(r"(?<![\w])(?:\+?62|0)8(?:[ .\-]?\d){7,11}(?!\d)")
# PostgreSQL quotes the row it refuses ("Failing row contains (...)", "Key (name)=(SITI) already exists"),
# SQLAlchemy the parameters, should an engine be made without hide_parameters
VALUES_OF_ROWS = re.compile(r"(?<=DETAIL:)[^\n]*|(?<=\[parameters: )[^\n]*|(?<=CONTEXT:)[^\n]*")
# what every one of these begins with: nine digits, or the mark of a row. Most words of a line hold none.
SUSPECT = re.compile(r"\d(?:[ .\-]?\d){8}|DETAIL:|\[parameters: |CONTEXT:")
CUT = "[redacted]"
# told of every line before it is written; whoever counts them joins here (app/process/metrics.py)
LISTENERS: list[Callable[[dict], None]] = []


def redact(text: str) -> str:
    if not SUSPECT.search(text):
        return text
    return PHONE.sub(CUT, SIXTEEN_DIGITS.sub(CUT, VALUES_OF_ROWS.sub(CUT, text)))


def _redact_event(_logger, _method, event: dict) -> dict:
    return {key: _redact_value(key, value) for key, value in event.items()}


def _redact_value(key: str, value):
    if key.lower() in SECRET_KEYS:
        return CUT
    if isinstance(value, bytes):
        return CUT
    return redact(value) if isinstance(value, str) else value


def _tell_listeners(_logger, _method, event: dict) -> dict:
    for listen in LISTENERS:
        listen(event)
    return event


class _RedactingFormatter(logging.Formatter):
    """For libraries that log through the standard library: one escaped line each."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record)).replace("\n", "\\n").replace("\x1b", "\\x1b")


class _ErrorStream:
    """Where lines go. One that cannot be written, because the disk of the log is full, costs nobody a page."""

    def __getattr__(self, _level: str) -> Callable[[str], None]:
        return self._write

    @staticmethod
    def _write(line: str) -> None:
        with contextlib.suppress(OSError):
            # looked up at every use: a test runner or a daemon may have exchanged the stream since
            sys.stderr.write(line + "\n")
            sys.stderr.flush()


def init_logs(fields: Iterable[str]) -> None:
    """`fields` are the names of personal values that a form asks for."""
    SECRET_KEYS.update(fields)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_event,
            _tell_listeners,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _ErrorStream(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # it logs numbers in query strings at INFO (docs/whatsapp.md, facts 8)
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)
