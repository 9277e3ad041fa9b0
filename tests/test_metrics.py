"""What a monitor reads: behind a token, counted over processes, and nothing personal."""

import shutil

import pytest

from tests.builders import TEST_SETTINGS
from tests.fake_twilio import SETTINGS
from tests.live import LiveServer
from tests.visitor import Visitor

TOKEN = "kunci-pemantau-untuk-uji-saja-2026"


@pytest.mark.server
def test_a_monitor_with_the_token_reads_requests_queues_and_clocks_of_both_processes(tmp_path, migrated_sqlite):
    shutil.copy(migrated_sqlite, tmp_path / "loket.sqlite3")
    server = LiveServer(tmp_path, "serve", {
        **TEST_SETTINGS, **SETTINGS, "LOKET_ENV": "staging", "TRUSTED_PROXIES": "none", "WEB_PROCESSES": "2",
        "WHATSAPP_ALLOW": "+6281200000001", "MONITOR_TOKEN": TOKEN,
    })
    try:
        server.start()
        visitor = Visitor(server.port)
        pages = 12
        for _ in range(pages):
            assert visitor.request("GET", "/daftar").status == 200
        assert visitor.request("GET", "/metrics").status == 404
        assert visitor.request("GET", "/metrics", Authorization="Bearer salah").status == 404
        shown = visitor.request("GET", "/metrics", Authorization=f"Bearer {TOKEN}")
        assert shown.status == 200
        counted = 'loket_request_seconds_count{method="GET",route="/daftar",status="200"} ' + f"{float(pages)}"
        assert counted in shown.text
        for name in ("loket_quota_limit 250.0", 'loket_queue_cases{status="submitted"} 0.0', "loket_disk_free_share"):
            assert name in shown.text, name
        assert 'loket_channel_stopped{channel="whatsapp"} 0.0' in shown.text
        incident = visitor.request("GET", "/tidak-ada").headers["x-request-id"]
        assert f'"incident": "{incident}"' in server.log.read_text()
    finally:
        server.stop()
