"""The product's stand-in for Twilio (app/rehearsal/twilio.py) that also behaves as badly as asked. `spec` holds both
directions to Twilio's OpenAPI."""

import contextlib
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from app.rehearsal.twilio import Account, Answer, Handler, StandIn, page_of, refusal, rfc_now

ACCOUNT, KEY = "AC" + "a" * 32, "SK" + "b" * 32
API_SECRET, AUTH_TOKEN = "rahasia-api-untuk-uji-saja", "token-tanda-tangan-untuk-uji"
OFFICE = "+6281100000001"
PUBLIC = "https://loket.example"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"
SETTINGS = {
    "WHATSAPP_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_KEY": KEY,
    "TWILIO_API_SECRET": API_SECRET, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_WHATSAPP_FROM": OFFICE,
    "PUBLIC_BASE_URL": PUBLIC,
}


@dataclass
class Fault:
    """What happens to one send. `taken`: Twilio has the message although the caller may not know."""

    kind: str = "ok"  # ok error hang reset garbage
    taken: bool = True
    status: int = 201
    code: int = 0
    seconds: float = 0.0
    shape: str = "json"  # of an error: json, rfc9457, or html from something in between


class FakeTwilio(StandIn):
    """Faults for the next sends in `faults`, or from `choose_fault`."""

    def __init__(self, spec=None):
        self.spec = spec
        self.faults: list[Fault] = []
        self.choose_fault: Callable[[dict], Fault] = lambda form: Fault()
        self.on_accept: Callable[[str], None] = lambda sid: None
        self.media: dict[str, tuple[bytes, str]] = {}
        self.redirects: dict[str, str] = {}
        self.forgotten: list[str] = []
        self.requests: list[tuple[str, str, dict]] = []
        super().__init__(Account(ACCOUNT, KEY, API_SECRET, AUTH_TOKEN, OFFICE))

    @classmethod
    def handler_class(cls) -> type[Handler]:
        return FaultyHandler

    def receive(self, sid: str, body: str, sender: str, media: int = 0, **values) -> dict:
        """A person wrote to the office: it stands in Twilio's list from now on."""
        self.messages[sid] = self.resource(sid, f"whatsapp:{sender}", f"whatsapp:{OFFICE}", body, **{
            "direction": "inbound", "status": "received", "num_media": str(media),
            "date_sent": rfc_now(), **values,
        })
        return self.messages[sid]

    def create_or_fail(self, form: dict[str, str]) -> tuple[Fault, Answer]:
        fault = self.faults.pop(0) if self.faults else self.choose_fault(form)
        wrong = self.wrong_in(form)
        if wrong:
            return Fault(), refusal(400, wrong)
        made = self.accept(form) if fault.taken else None
        if fault.kind == "error":
            return fault, refusal(fault.status, fault.code, fault.shape)
        if fault.kind == "garbage":
            return fault, Answer(201, raw=b"<html>201 Created</html>")
        return fault, Answer(201, made or {})

    def listed(self, path: str, query: dict[str, str]) -> Answer:
        if not path.endswith("/Media.json"):
            return super().listed(path, query)
        prefix = path.removesuffix(".json") + "/"
        rows = [
            {"sid": key.removeprefix(prefix), "account_sid": ACCOUNT, "parent_sid": key.split("/")[5],
             "content_type": kind, "date_created": rfc_now(), "date_updated": rfc_now(), "uri": f"{key}.json"}
            for key, (_, kind) in self.media.items() if key.startswith(prefix)
        ]
        return Answer(200, {**page_of(path), "media_list": rows})


class FaultyHandler(Handler):
    twilio: FakeTwilio

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.twilio.requests.append(("GET", parts.path, query))
        if parts.path in self.twilio.redirects:
            return self.send(Answer(307, headers={"Location": self.twilio.redirects[parts.path]}))
        if parts.path in self.twilio.media:
            data, content_type = self.twilio.media[parts.path]
            return self.send(Answer(200, raw=data, headers={"Content-Type": content_type}))
        return super().do_GET()

    def do_DELETE(self):
        self.check(b"")
        self.twilio.forgotten.append(urlsplit(self.path).path)
        self.send(Answer(204, raw=b""))

    def take(self, form: dict[str, str]) -> None:
        self.twilio.requests.append(("POST", urlsplit(self.path).path, form))
        fault, answer = self.twilio.create_or_fail(form)
        if fault.kind == "hang":
            time.sleep(fault.seconds)
        if fault.kind in ("hang", "reset"):
            return self._break_off()
        return self.send(answer)

    def check(self, body: bytes) -> None:
        if self.twilio.spec:
            self.twilio.spec.check_request(self.host(), self.command, self.path, dict(self.headers), body)

    def check_answer(self, answer: Answer, data: bytes) -> None:
        if self.twilio.spec and answer.raw is None:
            self.twilio.spec.check_answer(self.host(), self.command, self.path, answer.status, data)

    def _break_off(self) -> None:
        """A reset, not a polite end."""
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = True
