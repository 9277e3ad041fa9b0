"""Files that people send us, fetched from Twilio and from nowhere else (docs/security.md W7)."""

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from twilio.rest import Client

from app.messages.gateway import Attachment, AttachmentRefused
from app.messages.whatsapp.client import TIMEOUT
from app.settings.twilio import TwilioSettings

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
