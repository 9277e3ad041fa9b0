"""A message to a number goes out as SMS once, over HTTP, and the desk lists it; an unset provider loses nothing."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.messages import dispatcher, states
from app.messages.addresses import Recipient
from tests.messaging import PHONE, a_message, message

GOT: list[dict] = []


class Provider(BaseHTTPRequestHandler):
    def do_POST(self):
        GOT.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def extra_settings():
    provider = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    yield {"SMS_URL": f"http://127.0.0.1:{provider.server_port}/send"}
    provider.shutdown()
    provider.server_close()


def test_a_message_goes_out_as_sms(app, staff_client):
    with app.app_context():
        sent = a_message(to=Recipient("sms", PHONE))
        assert dispatcher.deliver_due() == 1 and dispatcher.deliver_due() == 0
        assert message(sent).state == states.ACCEPTED
    [body] = GOT
    assert body["to"] == PHONE and "Siti C." in body["text"]
    assert "SMS" in staff_client("supervisor").get("/petugas/pesan").text
