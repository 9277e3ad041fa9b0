"""The worker fetches what the portal lists; the inbox has each complaint once, under its channel."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import func, select

from app.base.database import db
from app.complaints.ticket.models import Ticket
from app.process import worker

LISTED = [
    {"id": "LAPOR-1", "name": "Siti Contoh", "phone": "+6281200001001", "text": "Petugas loket meminta uang."},
    {"id": "LAPOR-2", "name": "Budi Contoh", "phone": "+6281200001002", "text": "Antrean lama sekali."},
]


class Portal(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(LISTED).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def extra_settings():
    portal = HTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    yield {"PORTAL_URL": f"http://127.0.0.1:{portal.server_port}/"}
    portal.shutdown()
    portal.server_close()


def test_each_listed_complaint_stands_in_the_inbox_once(app, staff_client):
    [job] = [job for job in worker.JOBS if job.name == "read-portal"]
    with app.app_context():
        assert job.function() == 2 and job.function() == 2
    page = staff_client("petugas").get("/petugas/pengaduan?channel=lapor").text
    assert page.count("/petugas/pengaduan/") >= 2 and "SP4N-LAPOR!" in page
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Ticket).where(Ticket.channel == "lapor")) == 2
