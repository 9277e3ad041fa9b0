"""WhatsApp through Twilio (docs/whatsapp.md). Sends with the API key, trusts only what the auth
token signed. Numbers and texts never reach the log."""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from twilio.request_validator import RequestValidator
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

from app.messages.gateway import (
    Accepted,
    Attachment,
    BadCallback,
    CannotTell,
    Capabilities,
    Finding,
    ForeignCallback,
    Found,
    InboundNews,
    KnownTemplate,
    NotThere,
    OfficeUnreachable,
    Outcome,
    Outgoing,
    Sought,
    StatusNews,
    Unclear,
)
from app.messages.whatsapp.client import FAILURES, Clients, attachments_of, failed_send, fetch, forget
from app.settings.twilio import TwilioSettings

CHANNEL = "whatsapp:"
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
# who hides the number is known by a country and a code of WhatsApp's own
CONTACT = re.compile(r"\+[0-9]{7,15}|[A-Z]{2}(\.[A-Z]{1,10})?\.[0-9A-Za-z]{1,128}")
REFERENCE = re.compile(r"[0-9a-f]{32}")
# ask for retries of callbacks on our own failures too; Twilio's default is connection failures only
RETRIES = "#rc=3&rp=5xx,ct,rt"
SKEW = timedelta(minutes=2)
MOST_ATTACHMENTS = 10
LONGEST_LIST = 200
LANGUAGE = "id"
TEXT, CODE = "twilio/text", "whatsapp/authentication"
COPY_BUTTON = "Salin kode"


class TwilioGateway:
    name = "twilio"
    capabilities = Capabilities(templates=True, window=timedelta(hours=24), receipts=True, inbound=True)

    def __init__(self, account: TwilioSettings, public_base_url: str):
        self._account, self._base = account, public_base_url
        self._clients = Clients(account)
        self._validators = [RequestValidator(token) for token in account.auth_tokens]

    def send(self, message: Outgoing) -> Outcome:
        try:
            answer = self._clients.get().messages.create(**self._parameters(message))
        except FAILURES as error:
            return failed_send(error)
        return Accepted(answer.sid) if MESSAGE_SID.fullmatch(answer.sid or "") else Unclear("garbled")

    def look_up(self, sought: Sought) -> Finding:
        """Search our recent messages to this number for the mark, which is in no other message."""
        query = {"to": CHANNEL + sought.to, "limit": LONGEST_LIST, "page_size": 50}
        if self._account.sender:
            query["from_"] = CHANNEL + self._account.sender
        try:
            recent = [
                row for row in self._clients.get().messages.list(**query)
                if row.date_created is None or row.date_created >= sought.since - SKEW
            ]
        except FAILURES:
            return CannotTell()
        for row in recent:
            if sought.mark in (row.body or ""):
                return Found(StatusNews(row.sid, "", row.status, str(row.error_code or "")))
        # a candidate whose text the list hides may be the one
        return CannotTell() if any(not row.body for row in recent) else NotThere()

    def verify(self, url: str, form: Mapping, headers: Mapping[str, str]) -> bool:
        # a missing header would make the validator raise; whether the fragment that asks for
        # retries is part of what Twilio signs is not documented
        signature = headers.get("X-Twilio-Signature", "")
        return any(
            validator.validate(candidate, form, signature)
            for validator in self._validators for candidate in (url, url + RETRIES)
        )

    def read_status(self, form: Mapping[str, str], query: Mapping[str, str]) -> StatusNews:
        self._check_account(form)
        reference = query.get("o", "")
        return StatusNews(
            provider_id=_sid(form, "MessageSid"),
            reference=reference if REFERENCE.fullmatch(reference) else "",
            status=form.get("MessageStatus", "")[:20].lower(),
            code=re.sub("[^0-9]", "", form.get("ErrorCode", ""))[:10],
        )

    def read_inbound(self, form: Mapping[str, str]) -> InboundNews:
        self._check_account(form)
        if self._account.sender and form.get("To") != CHANNEL + self._account.sender:
            raise ForeignCallback("To")
        replied_to = form.get("OriginalRepliedMessageSid", "")
        return InboundNews(
            provider_id=_sid(form, "MessageSid"), contact=_contact(form.get("From", "")),
            text=_text(form), profile_name=form.get("ProfileName", "")[:200],
            external_id=form.get("ExternalUserId", "").removeprefix(CHANNEL)[:140],
            replied_to=replied_to if MESSAGE_SID.fullmatch(replied_to) else "",
            opt=form.get("OptOutType", "")[:10].upper(), kind=form.get("MessageType", "")[:20].lower(),
            attachments=tuple(_attachments(form)),
        )

    def inbound_since(self, moment: datetime) -> Iterator[InboundNews]:
        ours = {"to": CHANNEL + self._account.sender} if self._account.sender else {}
        client = self._clients.get()
        try:
            for row in client.messages.list(**ours, date_sent_after=moment, page_size=200):
                # one address that makes no sense must not hide the messages behind it
                contact = _contact_in(row.from_ or "")
                if row.direction == "inbound" and contact:
                    yield InboundNews(
                        provider_id=row.sid, contact=contact, text=row.body or "",
                        attachments=attachments_of(client, row), received_at=row.date_sent,
                    )
        except FAILURES as error:
            raise ConnectionError(type(error).__name__) from None  # the text may hold a number

    def fetch(self, attachment: Attachment) -> bytes:
        return fetch(self._account, attachment)

    def forget(self, attachment: Attachment) -> None:
        # when it fails Twilio keeps a copy; nothing on our side depends on it
        with contextlib.suppress(*FAILURES):
            forget(self._clients.get(), attachment)

    def _parameters(self, message: Outgoing) -> dict:
        parameters = {
            "to": CHANNEL + message.to,
            "status_callback": f"{self._base}/wa/status?o={message.reference}{RETRIES}",
        }
        if self._account.sender:
            parameters["from_"] = CHANNEL + self._account.sender
        if self._account.messaging_service:
            parameters["messaging_service_sid"] = self._account.messaging_service
        if message.lifetime:
            parameters["validity_period"] = int(message.lifetime.total_seconds())
        if message.template is None:
            return {**parameters, "body": message.text}
        # a dict would be sent, silently, as the first key alone
        values = {str(number): value for number, value in enumerate(message.template.values, 1)}
        return {
            **parameters, "content_sid": message.template.provider_id,
            "content_variables": json.dumps(values, ensure_ascii=False),
        }

    def _check_account(self, form: Mapping[str, str]) -> None:
        if form.get("AccountSid") != self._account.account_sid:
            raise ForeignCallback("AccountSid")


class TwilioTemplates:
    """The Content API, as much of it as we need (docs/whatsapp.md, facts 2). Every method raises
    OfficeUnreachable, whose text holds status and code only."""

    def __init__(self, account: TwilioSettings):
        self._clients = Clients(account)

    def create_text(self, name: str, body: str, samples: Mapping[str, str]) -> str:
        return self._create(name, samples, ContentList.Types({TEXT: ContentList.TwilioText({"body": body})}))

    def create_code(self, name: str, minutes: int, samples: Mapping[str, str]) -> str:
        """The text is Meta's own; we choose the button, the warning and the lifetime (1-90 minutes)."""
        button = ContentList.AuthenticationAction({"type": "COPY_CODE", "copy_code_text": COPY_BUTTON})
        shape = ContentList.WhatsappAuthentication({
            "add_security_recommendation": True, "code_expiration_minutes": minutes, "actions": [button],
        })
        return self._create(name, samples, ContentList.Types({CODE: shape}))

    def submit(self, provider_id: str, name: str, category: str) -> str:
        request = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": category})
        try:
            contents = self._clients.get().content.v1.contents(provider_id)
            return (contents.approval_create.create(request).status or "").lower()
        except FAILURES as error:
            raise _unreachable(error) from None

    def all(self) -> Iterator[KnownTemplate]:
        try:
            for row in self._clients.get().content.v1.content_and_approvals.list(page_size=100):
                approval = row.approval_requests or {}
                yield KnownTemplate(
                    name=row.friendly_name or "", provider_id=row.sid,
                    body=(row.types or {}).get(TEXT, {}).get("body", ""),
                    status=str(approval.get("status") or "unsubmitted").lower(),
                    rejection=str(approval.get("rejection_reason") or ""),
                )
        except FAILURES as error:
            raise _unreachable(error) from None

    def _create(self, name: str, samples: Mapping[str, str], types) -> str:
        request = ContentList.ContentCreateRequest({
            "friendly_name": name, "language": LANGUAGE, "variables": dict(samples), "types": types,
        })
        try:
            return self._clients.get().content.v1.contents.create(request).sid
        except FAILURES as error:
            raise _unreachable(error) from None


def _sid(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "")
    if not MESSAGE_SID.fullmatch(value):
        raise BadCallback(name)
    return value


def _contact(address: str) -> str:
    contact = _contact_in(address)
    if not contact:
        raise BadCallback("From")
    return contact


def _contact_in(address: str) -> str:
    """Empty for what is no WhatsApp address."""
    contact = address.removeprefix(CHANNEL)
    return contact if address.startswith(CHANNEL) and CONTACT.fullmatch(contact) else ""


def _text(form: Mapping[str, str]) -> str:
    """The words of the message; for a button its label, for a place where it is."""
    words = form.get("Body") or form.get("ButtonText") or form.get("ListTitle") or ""
    if not (form.get("Latitude") and form.get("Longitude")):
        return words
    place = [form.get(name, "") for name in ("Label", "Address")] + [f"({form['Latitude']}, {form['Longitude']})"]
    return "\n".join(filter(None, [words, "Lokasi: " + " ".join(filter(None, place))]))


def _attachments(form: Mapping[str, str]) -> Iterator[Attachment]:
    count = form.get("NumMedia", "0")
    if not re.fullmatch("[0-9]{1,2}", count):
        raise BadCallback("NumMedia")
    for number in range(min(int(count), MOST_ATTACHMENTS)):
        url = form.get(f"MediaUrl{number}", "")
        if url:
            yield Attachment(url[:500], form.get(f"MediaContentType{number}", "")[:100])


def _unreachable(error: Exception) -> OfficeUnreachable:
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    return OfficeUnreachable(f"{type(error).__name__} status={status} code={code}")
