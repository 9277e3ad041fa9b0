"""Odd addresses, methods and headers through the running server (docs/security.md; H2, H6, H8).

Nothing here may answer 5xx.
"""

import pytest

from tests.builders import RESIDENT, photo_files
from tests.visitor import Visitor, exchange, status_of

KTP = "/daftar/ktp"


@pytest.fixture(scope="module")
def photo():
    return photo_files()["ktp"]


@pytest.fixture
def visitor(live_server):
    """Somebody whose draft waits for the photo of the KTP."""
    return Visitor(live_server.port).begins()


@pytest.mark.parametrize("host", [
    "Host: evil.example", "Host: 127.0.0.1.evil.example", "Host: evil.example:8000", "Host: \"127.0.0.1\"", "Host:",
    "Host: 127.0.0.1@evil.example", "Host: a'b", "X-Nothing: here", "Host: 127.0.0.1\r\nHost: evil.example",
])
def test_a_foreign_or_missing_host_is_refused(live_server, host):
    answer = exchange(live_server.port, f"GET / HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n".encode())
    assert status_of(answer) == 400
    assert b"evil" not in answer


def test_forwarded_headers_of_a_stranger_change_nothing(live_server):
    plain = Visitor(live_server.port).request("GET", "/daftar/data")
    told = Visitor(live_server.port).request(
        "GET", "/daftar/data", X_Forwarded_Host="evil.example", X_Forwarded_Proto="https", X_Original_URL="/petugas/",
        X_Rewrite_URL="/petugas/", Forwarded="host=evil.example",
    )
    assert (told.status, told.headers["location"]) == (plain.status, plain.headers["location"]) == (303, "/daftar")


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "FOO", "get", "PUT", "DELETE", "PATCH", "CONNECT", "TRACK"])
def test_other_methods_are_refused(live_server, method):
    raw = f"{method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Secret: rahasia\r\nConnection: close\r\n\r\n"
    answer = exchange(live_server.port, raw.encode())
    assert status_of(answer) in (400, 405, 501)
    assert b"rahasia" not in answer


def test_a_method_in_a_header_or_field_is_ignored(visitor):
    visitor.request("GET", "/daftar/data", X_HTTP_Method_Override="DELETE")
    assert visitor.post("/daftar/data", {**RESIDENT, "_method": "DELETE"}, X_Method_Override="PUT").status == 303


def test_options_tells_the_methods_and_does_nothing(live_server):
    answer = Visitor(live_server.port).request("OPTIONS", "/daftar")
    assert answer.status in (200, 204) and "POST" in answer.headers["allow"] and not answer.body


@pytest.mark.parametrize("path", ["/", "/daftar", "/standar-pelayanan", "/masuk", "/healthz", "/daftar/data", "/x"])
def test_head_answers_like_get_without_a_body(live_server, path):
    get, head = (Visitor(live_server.port).request(method, path) for method in ("GET", "HEAD"))
    volatile = {"date", "content-security-policy", "set-cookie", "content-length", "x-request-id"}
    assert head.status == get.status and not head.body
    assert {k: v for k, v in head.headers.items() if k not in volatile} == {
        k: v for k, v in get.headers.items() if k not in volatile
    }


@pytest.mark.parametrize("path", [
    "/static/..%2f..%2fetc/passwd", "/static/../../wsgi.py", "/static/%2e%2e/%2e%2e/etc/passwd", "//evil.example/",
    "/\\evil.example", "/daftar/%00", "/%0d%0aX-Evil:%201", "/daftar/ktp/..%2f..%2fpetugas", "/.git/config", "/.env",
    "/metrics", "/debug", "/console", "/static/", "/static", "/%ff%fe", "/daftar/;x", "/daftar/ktp%20", "/akun/x.css",
    "/akun%2fx.css", "/daftar/ktp/gambar/x.jpg", "/petugas/pendaftaran/%F0%9F%98%80", "/instance/loket.sqlite3",
])
def test_an_address_that_leads_nowhere_leads_nowhere(live_server, path):
    raw = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    answer = exchange(live_server.port, raw)
    assert status_of(answer) in (303, 308, 400, 404)
    assert b"root:" not in answer and b"create_app" not in answer and b"\r\nX-Evil" not in answer
    assert b"\r\nLocation: //" not in answer and b"\r\nLocation: http" not in answer


@pytest.mark.parametrize("raw", [
    "GET /{long} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: {long}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: loket={long}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{many}\r\n",
])
def test_too_much_in_the_head_is_refused(live_server, raw):
    filled = raw.format(long="a" * 100_000, many="X-Many: 1234567890123456789012345678901234567890\r\n" * 2000)
    assert status_of(exchange(live_server.port, filled.encode())) in (400, 404, 414, 431)


def test_eight_kilobytes_of_foreign_cookies_do_not_close_the_site(live_server):
    visitor = Visitor(live_server.port)
    visitor.cookies = {f"iklan{n}": "x" * 400 for n in range(20)}
    assert visitor.open("/daftar").status == 200


@pytest.mark.parametrize(("header", "value"), [
    ("Accept-Language", ", ".join(f"id;q=0.{n % 10}" for n in range(2000))), ("Accept", "*/*;q=nan, \x01"),
    ("Cookie", "loket=\"; loket_draf=../../x; =; ;;;"), ("Range", "bytes=" + ",".join(["0-0"] * 1000)),
    ("If-None-Match", "\"" * 500), ("If-Modified-Since", "kemarin"), ("Authorization", "Bearer " + "x" * 5000),
    ("HX-Request", "yes\t"), ("HX-Current-URL", "javascript:1"), ("Referer", "http://[::1"), ("Upgrade", "h2c"),
    ("Content-Type", "multipart/form-data; boundary=\xff"), ("User-Agent", "\x1b[31m" + "x" * 4000),
])
def test_a_strange_header_does_not_disturb_a_page(live_server, header, value):
    raw = f"GET /daftar HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}: {value}\r\nConnection: close\r\n\r\n"
    assert status_of(exchange(live_server.port, raw.encode("latin-1"))) in (200, 303, 400)


def test_a_thousand_ranges_of_a_photo_give_the_photo_once(visitor, photo):
    visitor.upload(KTP, photo)
    answer = visitor.request("GET", f"{KTP}/gambar", Range="bytes=" + ",".join(["0-0,1-1"] * 500))
    assert answer.status in (200, 206, 416)
    assert len(answer.body) < 2_000_000


def test_somebody_elses_draft_cannot_be_reached(visitor, photo, live_server):
    visitor.upload(KTP, photo)
    stranger = Visitor(live_server.port)
    for cookies in ({}, {"loket_draf": "x" * 43}, {"loket_draf": visitor.cookies["loket_draf"][:-1]}):
        stranger.cookies = cookies
        answer = stranger.request("GET", f"{KTP}/gambar")
        assert (answer.status, answer.headers["location"]) == (303, "/daftar")
