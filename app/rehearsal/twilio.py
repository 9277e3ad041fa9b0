"""A stand-in for Twilio over real HTTP: it takes messages and templates, lists them, and signs its reports.

For staging (TWILIO_API_BASE) and, with faults added, for the tests, which hold it to Twilio's own description. It
sends nothing to anybody.
"""

import base64
import contextlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

REQUEST_ID = "RQ" + "9" * 32
SENT, DELIVERED = "sent", "delivered"
STOP_LOOK_SECONDS = 0.02  # how often it looks whether it is to stop; the tests start and stop hundreds


@dataclass(frozen=True)
class Account:
    """What Loket signs in with, and what reports are signed with. `sender` is E.164."""

    sid: str
    key: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    sender: str


@dataclass
class Answer:
    status: int
    body: dict | list | None = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class StandIn:
    """Messages by id in `messages`. Runs from the moment it is made until `close`."""

    def __init__(self, account: Account, port: int = 0):
        self.account = account
        self.messages: dict[str, dict] = {}
        self.callbacks: dict[str, str] = {}
        self.content = ContentApi(account.sid)
        self.lock = threading.Lock()
        handler = type("Handler", (self.handler_class(),), {"twilio": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(STOP_LOOK_SECONDS,), daemon=True).start()

    @classmethod
    def handler_class(cls) -> type["Handler"]:
        return Handler

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def messages_path(self) -> str:
        return f"/2010-04-01/Accounts/{self.account.sid}/Messages"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def on_accept(self, sid: str) -> None:
        """Called when a message was taken."""

    def accept(self, form: dict[str, str]) -> dict:
        sid = "SM" + secrets.token_hex(16)
        body = form.get("Body") or self.content.rendered(form)
        made = self.resource(sid, form.get("From", f"whatsapp:{self.account.sender}"), form["To"], body)
        with self.lock:
            self.messages[sid] = made
            self.callbacks[sid] = form.get("StatusCallback", "").partition("#")[0]
        self.on_accept(sid)
        return made

    def create(self, form: dict[str, str]) -> Answer:
        wrong = self.wrong_in(form)
        return refusal(400, wrong) if wrong else Answer(201, self.accept(form))

    def wrong_in(self, form: dict[str, str]) -> int:
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
        return self.content.wrong_in(form)

    def listed(self, path: str, query: dict[str, str]) -> Answer:
        if path != f"{self.messages_path}.json":
            return refusal(404, 20404)
        with self.lock:
            rows = [row for row in reversed(self.messages.values())
                    if query.get("To", row["to"]) == row["to"] and query.get("From", row["from"]) == row["from"]]
        return Answer(200, {**page_of(path), "messages": rows})

    def signed(self, url: str, form: dict[str, str], token: str = "") -> dict[str, str]:
        """Headers of a report to `url`, signed as Twilio documents it: by hand, not by its package."""
        text = url + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new((token or self.account.token).encode(), text.encode(), sha1).digest()
        return {"X-Twilio-Signature": base64.b64encode(digest).decode()}

    def status_form(self, sid: str, status: str, code: str = "") -> dict[str, str]:
        made = self.messages[sid]
        form = {
            "MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status,
            "AccountSid": self.account.sid, "From": made["from"], "To": made["to"], "ApiVersion": "2010-04-01",
            "ChannelPrefix": "whatsapp",
        }
        return {**form, "ErrorCode": code} if code else form

    def resource(self, sid: str, sender: str, to: str, body: str, **more) -> dict:
        path = self.messages_path
        return {
            "sid": sid, "status": "queued", "account_sid": self.account.sid, "to": to, "from": sender, "body": body,
            "messaging_service_sid": None, "num_media": "0", "num_segments": "1", "direction": "outbound-api",
            "error_code": None, "error_message": None, "price": None, "price_unit": None,
            "date_created": rfc_now(), "date_updated": rfc_now(), "date_sent": None, "api_version": "2010-04-01",
            "uri": f"{path}/{sid}.json", "subresource_uris": {"media": f"{path}/{sid}/Media.json"}, **more,
        }


def rfc_now() -> str:
    return format_datetime(datetime.now(UTC))


def page_of(path: str) -> dict:
    return {"end": 0, "first_page_uri": path, "next_page_uri": None, "page": 0, "page_size": 50,
            "previous_page_uri": None, "start": 0, "uri": path}


def refusal(status: int, code: int, shape: str = "json") -> Answer:
    """An error as Twilio tells it, in one of its shapes: json, rfc9457, or html from something in between."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    if shape == "html":
        return Answer(status, raw=b"<html>refused</html>", headers={"Content-Type": "text/html"})
    if shape == "rfc9457":
        return Answer(status, {"type": more, "title": "refused", "status": status, "code": code})
    return Answer(status, {"code": code, "message": "refused", "more_info": more, "status": status})


class Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # an answer is two writes, and the second would wait 40 ms for a sign of the first
    twilio: StandIn
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host, path = self.host(), urlsplit(self.path).path
        self.check(body)
        if not self.authorised():
            return self.send(refusal(401, 20003))
        if host == "content.twilio.com":
            return self.send(Answer(*self.twilio.content.post(path, json.loads(body))))
        return self.take({name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()})

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.host() not in ("api.twilio.com", "content.twilio.com"):
            return self.send(Answer(404, raw=b""))
        self.check(b"")
        if not self.authorised():
            return self.send(refusal(401, 20003))
        if self.host() == "content.twilio.com":
            return self.send(Answer(200, self.twilio.content.everything()))
        return self.send(self.twilio.listed(parts.path, query))

    def take(self, form: dict[str, str]) -> None:
        self.send(self.twilio.create(form))

    def check(self, body: bytes) -> None:
        """Where the tests compare a request with Twilio's description."""

    def check_answer(self, answer: Answer, data: bytes) -> None:
        """And an answer."""

    def host(self) -> str:
        return self.headers.get("X-Original-Host", "")

    def authorised(self) -> bool:
        account = self.twilio.account
        wanted = base64.b64encode(f"{account.key}:{account.secret}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {wanted}"

    def send(self, answer: Answer) -> None:
        data = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
        if answer.status in (204, 307):
            data = b""
        self.check_answer(answer, data)
        with contextlib.suppress(OSError):  # the caller may be gone
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Twilio-Request-Id", REQUEST_ID)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_args):
        """Quiet."""


MADE_AT = "2026-11-22T03:04:05Z"
PLACE = re.compile(r"\{\{([0-9]+)\}\}")


class ContentApi:
    """Templates by id in `templates`; every submitted one becomes `decision`."""

    def __init__(self, account_sid: str):
        self.account_sid = account_sid
        self.templates: dict[str, dict] = {}
        self.decision = "approved"
        self.on_change: Callable[[], None] = lambda: None

    def post(self, path: str, content: dict) -> tuple[int, dict]:
        if path == "/v1/Content":
            sid = "HX" + secrets.token_hex(16)
            self.templates[sid] = {
                "sid": sid, "account_sid": self.account_sid, "friendly_name": content.get("friendly_name"),
                "language": content["language"], "variables": content.get("variables", {}),
                "types": content["types"], "date_created": MADE_AT, "date_updated": MADE_AT,
                "approval_requests": {},
            }
            self.on_change()
            shown = {key: value for key, value in self.templates[sid].items() if key != "approval_requests"}
            return 201, {**shown, "url": f"https://content.twilio.com/v1/Content/{sid}", "links": {}}
        sid = path.split("/")[3]
        kind = next(iter(self.templates[sid]["types"]))
        approval = {"name": content["name"], "category": content["category"], "content_type": kind,
                    "rejection_reason": "", "allow_category_change": True}
        self.templates[sid]["approval_requests"] = {**approval, "status": self.decision}
        self.on_change()
        return 201, {**approval, "status": "received"}

    def everything(self) -> dict:
        url = "https://content.twilio.com/v1/ContentAndApprovals?PageSize=100&Page=0"
        return {
            "contents": list(self.templates.values()),
            "meta": {"page": 0, "page_size": 100, "first_page_url": url, "previous_page_url": None,
                     "url": url, "next_page_url": None, "key": "contents"},
        }

    def rendered(self, form: dict[str, str]) -> str:
        types = self.templates[form["ContentSid"]]["types"]
        values = json.loads(form["ContentVariables"])
        body = types.get("twilio/text", {}).get("body", "{{1}} adalah kode Anda.")
        return PLACE.sub(lambda found: values[found[1]], body)

    def wrong_in(self, form: dict[str, str]) -> int:
        """The code Twilio would refuse this use of a template with, or 0."""
        if "ContentVariables" in form and "ContentSid" not in form:
            return 21654
        if "ContentSid" not in form:
            return 0
        if form["ContentSid"] not in self.templates:
            return 21655
        try:
            values = json.loads(form["ContentVariables"])
        except ValueError:
            return 21656
        if not isinstance(values, dict) or set(values) != set(self.templates[form["ContentSid"]]["variables"]):
            return 21656
        bad = any(not value.strip() or re.search(r"[\n\t]| {5}", value) for value in values.values())
        return 63013 if bad or len(self.rendered(form)) > 1024 else 0
