"""Twilio's calls to us: status reports and inbound messages (docs/whatsapp.md, facts 4-6).

Verify, store one row, answer. What cannot be verified is refused with 403 and never becomes a 500;
everything else happens in the worker.
"""

import structlog
from flask import Blueprint, Response, abort, request

from app.base import limits
from app.base.database import csrf, transaction
from app.base.services import settings
from app.messages.choose_gateway import gateway
from app.messages.gateway import BadCallback, ForeignCallback
from app.messages.inbound import inbox
from app.messages.whatsapp import events
from app.web.access import webhook

log = structlog.get_logger()
blueprint = Blueprint("whatsapp", __name__, url_prefix="/wa")

LARGEST_BODY = 64 * 1024
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response />'


@blueprint.post("/status")
@csrf.exempt
@webhook
def status():
    news = _read(lambda: gateway().read_status(request.form, request.args))
    with transaction():
        events.keep(news)
    return "", 204


@blueprint.post("/masuk")
@csrf.exempt
@webhook
def inbound():
    news = _read(lambda: gateway().read_inbound(request.form))
    with transaction():
        inbox.keep(news, source="webhook")
    # text/html would be parsed as instructions, text/plain sent to the person as a reply
    return Response(EMPTY_TWIML, content_type="text/xml; charset=utf-8")


def _read(read):
    _verify()
    try:
        return read()
    except ForeignCallback as foreign:
        log.warning("webhook_foreign", field=str(foreign))
        abort(403)
    except BadCallback as bad:
        log.warning("webhook_malformed", field=str(bad))
        abort(422)


def _verify() -> None:
    request.max_content_length = LARGEST_BODY
    if not gateway().verify(_signed_url(), request.form, request.headers):
        log.warning("webhook_refused")
        # only refusals are counted: Twilio's own calls must never be limited
        limits.hit("webhook-refused", request.remote_addr or "")
        abort(403)


def _signed_url() -> str:
    """What Twilio signed: the public address, which a proxy hides from us, and the query byte for
    byte, which `request.url` would decode."""
    query = request.query_string.decode("latin-1")
    return settings().public_base_url + request.path + (f"?{query}" if query else "")
