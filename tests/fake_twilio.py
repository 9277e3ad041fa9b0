"""A Twilio of our own, over real HTTP: it takes what the official package sends, behaves as badly as
asked, and signs callbacks. `spec` holds both directions to Twilio's OpenAPI."""

import base64
import contextlib
import hmac
import json
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.fake_twilio_content import ContentApi

ACCOUNT, KEY = "AC" + "a" * 32, "SK" + "b" * 32
API_SECRET, AUTH_TOKEN = "rahasia-api-untuk-uji-saja", "token-tanda-tangan-untuk-uji"
OFFICE = "+6281100000001"
PUBLIC = "https://loket.example"
SETTINGS = {
    "WHATSAPP_GATEWAY": "twilio", "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_API_KEY": KEY,
    "TWILIO_API_SECRET": API_SECRET, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_WHATSAPP_FROM": OFFICE,
    "PUBLIC_BASE_URL": PUBLIC,
}
REQUEST_ID = "RQ" + "9" * 32
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"


@dataclass
class Fault:
    """What happens to one send. `taken`: Twilio has the message although the caller may not know."""

    kind: str = "ok"  # ok error hang reset garbage
    taken: bool = True
    status: int = 201
    code: int = 0
    seconds: float = 0.0
    shape: str = "json"  # of an error: json, rfc9457, or html from something in between


@dataclass
class Answer:
    status: int
    body: dict | list | None = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class FakeTwilio:
    """Messages by id in `messages`; faults for the next sends in `faults`, or from `choose_fault`."""

    def __init__(self, spec=None):
        self.spec = spec
        self.messages: dict[str, dict] = {}
        self.callbacks: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.choose_fault: Callable[[dict], Fault] = lambda form: Fault()
        self.on_accept: Callable[[str], None] = lambda sid: None
        self.media: dict[str, tuple[bytes, str]] = {}
        self.redirects: dict[str, str] = {}
        self.forgotten: list[str] = []
        self.requests: list[tuple[str, str, dict]] = []
        self.content = ContentApi()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"twilio": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def receive(self, sid: str, body: str, sender: str, media: int = 0, **values) -> dict:
        """A person wrote to the office: it stands in Twilio's list from now on."""
        self.messages[sid] = _resource(sid, f"whatsapp:{sender}", f"whatsapp:{OFFICE}", body, {
            "direction": "inbound", "status": "received", "num_media": str(media),
            "date_sent": _rfc(), **values,
        })
        return self.messages[sid]

    def accept(self, form: dict[str, str]) -> dict:
        sid = "SM" + secrets.token_hex(16)
        body = form.get("Body") or self.content.rendered(form)
        made = _resource(sid, form.get("From", f"whatsapp:{OFFICE}"), form["To"], body, {})
        with self.lock:
            self.messages[sid] = made
            self.callbacks[sid] = form.get("StatusCallback", "").partition("#")[0]
        self.on_accept(sid)
        return made

    def create(self, form: dict[str, str]) -> tuple[Fault, Answer]:
        fault = self.faults.pop(0) if self.faults else self.choose_fault(form)
        wrong = _wrong_in(form, self.content)
        if wrong:
            return Fault(), _error(400, wrong)
        made = self.accept(form) if fault.taken else None
        if fault.kind == "error":
            return fault, _error(fault.status, fault.code, fault.shape)
        if fault.kind == "garbage":
            return fault, Answer(201, raw=b"<html>201 Created</html>")
        return fault, Answer(201, made or {})

    def signed(self, url: str, form: dict[str, str], token: str = AUTH_TOKEN) -> dict[str, str]:
        """Headers of a callback to `url`, signed as Twilio documents it: by hand, not by its package."""
        text = url + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(token.encode(), text.encode(), sha1).digest()
        return {"X-Twilio-Signature": base64.b64encode(digest).decode()}

    def status_form(self, sid: str, status: str, code: str = "") -> dict[str, str]:
        made = self.messages[sid]
        form = {
            "MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status,
            "AccountSid": ACCOUNT, "From": made["from"], "To": made["to"], "ApiVersion": "2010-04-01",
            "ChannelPrefix": "whatsapp",
        }
        return {**form, "ErrorCode": code} if code else form


def _resource(sid: str, sender: str, to: str, body: str, more: dict) -> dict:
    return {
        "sid": sid, "status": "queued", "account_sid": ACCOUNT, "to": to, "from": sender, "body": body,
        "messaging_service_sid": None, "num_media": "0", "num_segments": "1", "direction": "outbound-api",
        "error_code": None, "error_message": None, "price": None, "price_unit": None, "date_created": _rfc(),
        "date_updated": _rfc(), "date_sent": None, "api_version": "2010-04-01", "uri": f"{MESSAGES}/{sid}.json",
        "subresource_uris": {"media": f"{MESSAGES}/{sid}/Media.json"}, **more,
    }


def _rfc() -> str:
    return format_datetime(datetime.now(UTC))


def _wrong_in(form: dict[str, str], content: ContentApi) -> int:
    """What Twilio's specification cannot express; the code it would refuse with, or 0."""
    if "To" not in form:
        return 21604
    if not (form.get("From") or form.get("MessagingServiceSid")):
        return 21603
    if not (form.get("Body") or form.get("ContentSid")):
        return 21619
    if form.get("From", "whatsapp:").startswith("whatsapp:") != form["To"].startswith("whatsapp:"):
        return 21910
    if len(form.get("Body", "")) > 1600:
        return 21617
    return content.wrong_in(form)


def _error(status: int, code: int, shape: str = "json") -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    if shape == "html":
        return Answer(status, raw=b"<html>refused</html>", headers={"Content-Type": "text/html"})
    if shape == "rfc9457":
        return Answer(status, {"type": more, "title": "refused", "status": status, "code": code})
    return Answer(status, {"code": code, "message": "refused", "more_info": more, "status": status})


class _Handler(BaseHTTPRequestHandler):
    twilio: FakeTwilio
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host, path = self._host(), urlsplit(self.path).path
        self._check(body)
        if not self._authorised():
            return self._send(_error(401, 20003))
        if host == "content.twilio.com":
            return self._send(Answer(*self.twilio.content.post(path, json.loads(body))))
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        self.twilio.requests.append(("POST", path, form))
        fault, answer = self.twilio.create(form)
        if fault.kind == "hang":
            time.sleep(fault.seconds)
        if fault.kind in ("hang", "reset"):
            return self._break_off()
        return self._send(answer)

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.twilio.requests.append(("GET", parts.path, query))
        if parts.path in self.twilio.redirects:
            return self._send(Answer(307, headers={"Location": self.twilio.redirects[parts.path]}))
        if parts.path in self.twilio.media:
            data, content_type = self.twilio.media[parts.path]
            return self._send(Answer(200, raw=data, headers={"Content-Type": content_type}))
        if self._host() not in ("api.twilio.com", "content.twilio.com"):
            return self._send(Answer(404, raw=b""))
        self._check(b"")
        if not self._authorised():
            return self._send(_error(401, 20003))
        if self._host() == "content.twilio.com":
            return self._send(Answer(200, self.twilio.content.everything()))
        return self._send(self._listed(parts.path, query))

    def do_DELETE(self):
        self._check(b"")
        self.twilio.forgotten.append(urlsplit(self.path).path)
        self._send(Answer(204, raw=b""))

    def _listed(self, path: str, query: dict[str, str]) -> Answer:
        page = {"end": 0, "first_page_uri": path, "next_page_uri": None, "page": 0, "page_size": 50,
                "previous_page_uri": None, "start": 0, "uri": path}
        if path.endswith("/Media.json"):
            prefix = path.removesuffix(".json") + "/"
            rows = [
                {"sid": key.removeprefix(prefix), "account_sid": ACCOUNT, "parent_sid": key.split("/")[5],
                 "content_type": kind, "date_created": _rfc(), "date_updated": _rfc(), "uri": f"{key}.json"}
                for key, (_, kind) in self.twilio.media.items() if key.startswith(prefix)
            ]
            return Answer(200, {**page, "media_list": rows})
        if path != f"{MESSAGES}.json":
            return _error(404, 20404)
        with self.twilio.lock:
            rows = [row for row in reversed(self.twilio.messages.values())
                    if query.get("To", row["to"]) == row["to"] and query.get("From", row["from"]) == row["from"]]
        return Answer(200, {**page, "messages": rows})

    def _host(self) -> str:
        return self.headers.get("X-Original-Host", "")

    def _authorised(self) -> bool:
        wanted = base64.b64encode(f"{KEY}:{API_SECRET}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def _check(self, body: bytes) -> None:
        if self.twilio.spec:
            self.twilio.spec.check_request(self._host(), self.command, self.path, dict(self.headers), body)

    def _send(self, answer: Answer) -> None:
        data = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
        if answer.status in (204, 307):
            data = b""
        if self.twilio.spec and answer.raw is None:
            self.twilio.spec.check_answer(self._host(), self.command, self.path, answer.status, data)
        with contextlib.suppress(OSError):  # the caller may be gone
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Twilio-Request-Id", REQUEST_ID)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def _break_off(self) -> None:
        """A reset, not a polite end."""
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        self.close_connection = True

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_args):
        """Quiet."""
