"""SMS as a third channel: a gateway that speaks with a provider over HTTP, its row, and the setting of its address."""

MOST = 3
GATEWAY = '''"""SMS through a provider that takes one POST a message."""

import requests

from app.base.services import settings
from app.messages.errors import Effect, Retry, SendError
from app.messages.gateway import Accepted, Capabilities, Outcome, Outgoing, Refused, Unclear

TIMEOUT = (4, 12)
ERRORS = {
    "refused": SendError("Nomor tidak dapat menerima SMS", "Hubungi dengan cara lain."),
    "away": SendError("Server SMS tidak ada", "Dicoba lagi otomatis.", Retry.BACKOFF, Effect.REST_CHANNEL),
}
DOUBT = SendError("Pengiriman terputus di tengah jalan", "Hubungi penerima dengan cara lain.")


class SmsGateway:
    name = "sms"
    capabilities = Capabilities(templates=False, window=None, receipts=False, inbound=False)

    def send(self, message: Outgoing) -> Outcome:
        body = {"to": message.to, "text": message.text, "reference": message.reference}
        try:
            answer = requests.post(settings().sms_url, json=body, timeout=TIMEOUT)
        except requests.exceptions.ConnectionError:
            return Refused("away")
        except requests.exceptions.RequestException:
            return Unclear("cut")
        return Accepted(message.reference) if answer.ok else Refused("refused")


def for_code(code: str) -> SendError:
    return ERRORS.get(code, DOUBT)
'''
ROW = '''    EMAIL: Channel("E-mail", _email, timedelta(minutes=3), email_errors.for_code, letters=True),
'''
EDITS = [
    ("app/messages/sms.py", "", GATEWAY),
    ("app/messages/choose_gateway.py", ROW,
     ROW + '    "sms": Channel("SMS", lambda: sms.SmsGateway() if settings().sms_url else None, timedelta(minutes=1),\n'
           '                   sms.for_code),\n'),
    ("app/messages/choose_gateway.py", "from app.messages.console import", "from app.messages import sms\nfrom app.messages.console import"),
    ("app/settings/settings.py", '    twilio: TwilioSettings | None = None\n', '    twilio: TwilioSettings | None = None\n    sms_url: str = ""\n'),
]
