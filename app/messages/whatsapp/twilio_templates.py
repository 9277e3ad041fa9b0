"""Templates at Twilio: the Content API, as much of it as we need (docs/whatsapp.md, facts 2)."""

from collections.abc import Iterator, Mapping

from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

from app.messages.whatsapp.client import FAILURES, Clients
from app.messages.whatsapp.template_office import KnownTemplate, OfficeUnreachable
from app.settings.twilio import TwilioSettings

LANGUAGE = "id"
TEXT, CODE = "twilio/text", "whatsapp/authentication"
COPY_BUTTON = "Salin kode"


class TwilioTemplates:
    """Every method raises OfficeUnreachable, whose text holds status and code only."""

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


def _unreachable(error: Exception) -> OfficeUnreachable:
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    return OfficeUnreachable(f"{type(error).__name__} status={status} code={code}")
