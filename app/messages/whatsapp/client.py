"""The official client, tamed: finite timeouts, no retries of its own, and for tests another base.

Imported late: the package takes half a second to load. Files that people send us are fetched from Twilio and from
nowhere else (docs/security.md W7).
"""

import re
import threading
import time
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
import structlog
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, ProxyError, ReadTimeout, RequestException, SSLError
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.messages.gateway import Attachment, AttachmentRefused, Refused, Unclear
from app.messages.whatsapp import errors
from app.settings.twilio import TwilioSettings

log = structlog.get_logger()

CONNECT_SECONDS, READ_SECONDS = 4, 12
TIMEOUT = (CONNECT_SECONDS, READ_SECONDS)
BEFORE_SENDING = ("CERTIFICATE_VERIFY_FAILED", "HANDSHAKE_FAILURE", "WRONG_VERSION_NUMBER")
MESSAGES = "/Messages"
TOO_MANY_REQUESTS = 429
# a refusal whose code we do not know, of a newer kind or from something between us and Twilio, still
# tells by its status that the account is at fault and not this message
OF_THE_ACCOUNT = {401: "20003", 403: "20003", 404: "20404"}


class TimedHttp(TwilioHttpClient):
    """`base` sends everything to one server that tells the services apart by X-Original-Host."""

    def __init__(self, base: str = ""):
        super().__init__()
        self._base = urlsplit(base) if base else None
        self.timeout = TIMEOUT  # the constructor refuses a pair, the attribute works

    def request(self, method, url, params=None, data=None, headers=None, *args, **kwargs):
        if self._base:
            wanted = urlsplit(url)
            headers = {**(headers or {}), "X-Original-Host": wanted.netloc}
            url = urlunsplit((self._base.scheme, self._base.netloc, wanted.path, wanted.query, ""))
        begun = time.monotonic()
        answer = super().request(method, url, params, data, headers, *args, **kwargs)
        if MESSAGES in url:  # whoever submits templates at a terminal reads the answers there
            # what Twilio's support asks for; neither address nor text, which hold numbers
            log.info(
                "twilio_answered", method=method, status=answer.status_code,
                request_id=(answer.headers or {}).get("Twilio-Request-Id", ""),
                seconds=round(time.monotonic() - begun, 3),
            )
        return answer


class Clients:
    """One client per thread, because a `requests` session is not made for several."""

    def __init__(self, account: TwilioSettings):
        self._account = account
        self._local = threading.local()

    def get(self) -> Client:
        made = getattr(self._local, "client", None)
        if made is None:
            account = self._account
            made = self._local.client = Client(
                account.api_key, account.api_secret, account.account_sid, http_client=TimedHttp(account.api_base)
            )
        return made


# what `failed_send` knows how to judge; anything else is a bug of ours
FAILURES = (TwilioException, RequestException, ValueError)


def failed_send(error: Exception) -> Refused | Unclear:
    """The outcome table of docs/whatsapp.md, facts 1. What is not certainly unprocessed is unclear."""
    if isinstance(error, TwilioException):
        return _answered(getattr(error, "status", None), getattr(error, "code", None))
    if isinstance(error, ConnectTimeout | ProxyError) or _never_connected(error):
        return Refused("no_connection")
    if isinstance(error, ReadTimeout):
        return Unclear("read_timeout")
    if isinstance(error, RequestException) and not isinstance(error, ValueError):
        return Unclear("connection_lost")
    return Unclear("garbled")


def _answered(status: int | None, code: int | None) -> Refused | Unclear:
    if status == TOO_MANY_REQUESTS:
        return Refused("20429")
    if status is not None and 400 <= status < 500:
        known = str(code) in errors.TABLE
        return Refused(str(code) if known else OF_THE_ACCOUNT.get(status, str(code or status)))
    return Unclear(f"http_{status}" if status else "garbled")


def _never_connected(error: Exception) -> bool:
    if isinstance(error, SSLError):
        return any(sign in str(error) for sign in BEFORE_SENDING)
    if not isinstance(error, NoConnection) or not error.args:
        return False
    cause = error.args[0]
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


API_HOST = "api.twilio.com"
# Twilio answers with a redirect to its file server; nothing else is followed
FILE_HOST_SUFFIX = ".twiliocdn.com"
LARGEST = 16 * 1024 * 1024  # what WhatsApp itself lets through
CHUNK = 64 * 1024
MEDIA_PATH = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9a-fA-F]{32})/Messages/([SM]M[0-9a-fA-F]{32})/Media/(ME[0-9a-fA-F]{32})"
)
REDIRECTS = (301, 302, 303, 307, 308)


def fetch(account: TwilioSettings, attachment: Attachment) -> bytes:
    """The bytes, at most LARGEST. Raises AttachmentRefused with "foreign_address", "too_large",
    "gone", or for a later try "not_yet"."""
    parts = urlsplit(attachment.url)
    path = MEDIA_PATH.fullmatch(parts.path)
    if parts.scheme != "https" or parts.netloc != API_HOST or not path or path[1] != account.account_sid:
        raise AttachmentRefused("foreign_address", permanent=True)
    try:
        with _get(_at_base(account, attachment.url), auth=(account.api_key, account.api_secret)) as first:
            if first.status_code not in REDIRECTS:
                return _body(first)
            target = urljoin(attachment.url, first.headers.get("Location", ""))
        _check_file_host(target)
        with _get(_at_base(account, target), headers={"X-Original-Host": urlsplit(target).netloc}) as second:
            return _body(second)
    except requests.RequestException:
        raise AttachmentRefused("not_yet", permanent=False) from None


def forget(client: Client, attachment: Attachment) -> None:
    path = MEDIA_PATH.fullmatch(urlsplit(attachment.url).path)
    if path:
        client.messages(path[2]).media(path[3]).delete()


def attachments_of(client: Client, row) -> tuple[Attachment, ...]:
    """The files of a message found in Twilio's list, whose rows only count them."""
    if str(row.num_media or "0") == "0":
        return ()
    return tuple(
        Attachment(f"https://{API_HOST}{media.uri.removesuffix('.json')}", media.content_type or "")
        for media in client.messages(row.sid).media.list(limit=10)
    )


def _get(url: str, **kwargs) -> requests.Response:
    return requests.get(url, stream=True, allow_redirects=False, timeout=TIMEOUT, **kwargs)


def _check_file_host(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host.endswith(FILE_HOST_SUFFIX) or parts.port not in (None, 443):
        raise AttachmentRefused("foreign_address", permanent=True)


def _body(answer: requests.Response) -> bytes:
    if answer.status_code in (404, 410):
        # media may lag behind its message; the caller gives up after some tries
        raise AttachmentRefused("gone", permanent=False)
    if answer.status_code != requests.codes.ok:
        raise AttachmentRefused("not_yet", permanent=False)
    held = bytearray()
    for chunk in answer.iter_content(CHUNK):
        held += chunk
        if len(held) > LARGEST:
            raise AttachmentRefused("too_large", permanent=True)
    return bytes(held)


def _at_base(account: TwilioSettings, url: str) -> str:
    """In tests everything goes to the fake."""
    if not account.api_base:
        return url
    base, wanted = urlsplit(account.api_base), urlsplit(url)
    return urlunsplit((base.scheme, base.netloc, wanted.path, wanted.query, ""))
