"""Odd requests through the running server (docs/security.md; H2, H4-H6).

Nothing here may answer 5xx, and nothing refused may leave a trace.
"""

import gzip
import json
import re
from urllib.parse import urlencode

import pytest

from tests.builders import RESIDENT, photo_files
from tests.visitor import BOUNDARY, FORM, Visitor, exchange, multipart, part, photo_part, status_of

KTP = "/daftar/ktp"


@pytest.fixture(scope="module")
def photo():
    return photo_files()["ktp"]


@pytest.fixture
def visitor(live_server):
    """Somebody whose draft waits for the photo of the KTP."""
    return Visitor(live_server.port).begins()


def token_part(visitor: Visitor) -> bytes:
    return part('name="csrf_token"', visitor.token.encode())


def nothing_kept(visitor: Visitor) -> bool:
    return visitor.request("GET", f"{KTP}/gambar").status == 404


def raw_post(visitor: Visitor, path: str, head: str, body: bytes = b"") -> bytes:
    start = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{visitor.port}\r\nCookie: {visitor.cookie_line}\r\n"
    return start.encode() + head.encode() + b"\r\n" + body


def test_a_well_formed_upload_is_the_measure_of_the_others(visitor, photo):
    body, kind = multipart(token_part(visitor), photo_part(photo))
    assert visitor.request("POST", KTP, body, Content_Type=kind).status == 303
    assert visitor.request("GET", f"{KTP}/gambar").body.startswith(b"\xff\xd8")


@pytest.mark.parametrize("kind", [
    "multipart/form-data", "multipart/form-data; boundary=lain", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\"----batasuji7f3a", "application/octet-stream", "text/plain", "nonsense",
])
def test_a_form_that_cannot_be_read_is_refused(visitor, photo, kind):
    body, _ = multipart(token_part(visitor), photo_part(photo))
    assert visitor.request("POST", KTP, body, Content_Type=kind).status in (400, 413, 415, 422)
    assert nothing_kept(visitor)


def test_an_upload_cut_off_in_the_middle_is_not_kept(visitor, photo):
    body, kind = multipart(token_part(visitor), photo_part(photo))
    for length in (len(body) - len(BOUNDARY) - 8, len(body) // 2):
        assert visitor.request("POST", KTP, body[:length], Content_Type=kind).status in (400, 422)
    assert nothing_kept(visitor)


def strange_forms(token: bytes, photo: bytes):
    """(parts, acceptable statuses)."""
    inner = b"--x\r\nContent-Disposition: file; filename=a.jpg\r\n\r\n" + photo + b"\r\n--x--"
    return {
        "1001 parts": ([token, *[part(f'name="a{n}"', b"1") for n in range(1000)]], {413}),
        "a megabyte of part headers": ([token, part(f'name="{"n" * 1_000_000}"', b"1")], {400, 413}),
        "a field of a megabyte": ([token, part('name="upload_id"', b"x" * 1_000_000), photo_part(photo)], {413}),
        "a nested multipart": ([token, part('name="photo"; filename="a"', inner,
                                            "Content-Type: multipart/mixed; boundary=x\r\n")], {415}),
        "two photos": ([token, photo_part(photo), photo_part(photo)], {422}),
        "the photo as a text field": ([token, part('name="photo"', b"isi foto")], {422}),
        "no photo at all": ([token], {422}),
        "another field name": ([token, part('name="foto"; filename="foto.jpg"', photo)], {422}),
        "base64 as transfer encoding": ([token, photo_part(b"/9j/4AAQSkZJRg==",
                                                           more="Content-Transfer-Encoding: base64\r\n")], {415}),
        "no disposition": ([token, f"--{BOUNDARY}\r\nX: y\r\n\r\n".encode() + photo + b"\r\n"], {400, 422}),
        "the token as a file": ([part('name="csrf_token"; filename="t"', b"x"), photo_part(photo)], {400}),
    }


@pytest.mark.parametrize("name", strange_forms(b"", b""))
def test_a_strange_multipart_form_is_refused(visitor, photo, name):
    parts, acceptable = strange_forms(token_part(visitor), photo)[name]
    body, kind = multipart(*parts)
    assert visitor.request("POST", KTP, body, Content_Type=kind).status in acceptable
    assert nothing_kept(visitor)


def test_a_boundary_of_100_kilobytes_is_refused(visitor, photo):
    raw = raw_post(visitor, KTP, f"Content-Type: multipart/form-data; boundary={'b' * 100_000}\r\n"
                                 "Content-Length: 0\r\nConnection: close\r\n")
    assert status_of(exchange(visitor.port, raw)) in (400, 431)


def test_a_file_name_in_an_old_encoding_does_not_lose_the_form(visitor, photo):
    body, kind = multipart(token_part(visitor), photo_part(photo, "foto \udce9\udcff.jpg"))
    assert visitor.request("POST", KTP, body, Content_Type=kind).status == 303


def test_a_nik_sent_as_a_file_is_a_missing_nik(visitor):
    fields = [part(f'name="{name}"', value.encode()) for name, value in RESIDENT.items() if name != "nik"]
    nik = part('name="nik"; filename="nik.txt"', RESIDENT["nik"].encode())
    body, kind = multipart(token_part(visitor), nik, *fields)
    answer = visitor.request("POST", "/daftar/data", body, Content_Type=kind)
    assert answer.status == 422 and "NIK wajib diisi" in answer.text


def test_the_address_line_never_fills_a_field(visitor):
    fields = {name: value for name, value in RESIDENT.items() if name != "nik"}
    answer = visitor.post(f"/daftar/data?nik={RESIDENT['nik']}", fields)
    assert answer.status == 422


@pytest.mark.parametrize(("kind", "body"), [
    ("application/json", json.dumps(RESIDENT).encode()), ("application/json", b'{"nik": 1, "full_name": []}'),
    (FORM, b"\xff\xfe=\xff"), (FORM, b"&" * 200_000), (FORM, b"nik=%ED%A0%80&nik=%00"),
    (FORM, b"a=1&" * 5000), ("text/xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
])
def test_a_body_that_is_no_form_is_refused(visitor, kind, body):
    answer = visitor.request("POST", "/daftar/data", body, Content_Type=kind, X_CSRFToken=visitor.token)
    assert answer.status in (400, 413, 415, 422)


def test_a_field_of_ten_megabytes_is_too_large(visitor):
    assert visitor.post("/daftar/data", {**RESIDENT, "address": "A" * 10_000_000}).status == 413


def test_the_limit_for_texts_also_holds_for_a_body_without_a_length(visitor):
    head = f"Content-Type: {FORM}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (500_000, b"a" * 500_000)
    assert status_of(exchange(visitor.port, raw_post(visitor, "/daftar/data", head, body))) == 413


def test_a_compressed_body_is_not_unpacked(visitor):
    body = gzip.compress(urlencode({"csrf_token": visitor.token, **RESIDENT}).encode())
    answer = visitor.request("POST", "/daftar/data", body, Content_Type=FORM, Content_Encoding="gzip")
    assert answer.status in (400, 415, 422)


@pytest.mark.parametrize("head", [
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Content-Length: -1\r\n",
    "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5x\r\n", "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: xchunked\r\n", "Content-Length:\r\n", "Content-Length: 0x5\r\n",
])
def test_a_body_of_doubtful_length_is_refused_and_nothing_behind_it_runs(visitor, head):
    hidden = b"0\r\n\r\nGET /privasi HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = exchange(visitor.port, raw_post(visitor, KTP, head, hidden), seconds=1)
    assert status_of(answer) in (400, 501)
    assert answer.count(b"HTTP/1.") == 1


def test_what_follows_a_body_that_is_longer_than_told_is_no_page(visitor, photo):
    body, kind = multipart(token_part(visitor), photo_part(photo))
    head = f"Content-Type: {kind}\r\nContent-Length: {len(body) // 2}\r\n"
    answer = exchange(visitor.port, raw_post(visitor, KTP, head, body), seconds=3)
    statuses = re.findall(rb"HTTP/1\.[01] (\d)\d\d ", answer)
    assert statuses and set(statuses) == {b"4"}
    assert nothing_kept(visitor)


def test_a_body_shorter_than_told_keeps_nothing(visitor, photo):
    body, kind = multipart(token_part(visitor), photo_part(photo))
    head = f"Content-Type: {kind}\r\nContent-Length: {len(body) + 1000}\r\n"
    assert exchange(visitor.port, raw_post(visitor, KTP, head, body), seconds=1) == b""
    assert nothing_kept(visitor)


def test_a_chunked_upload_is_taken_and_one_without_end_is_cut_off(visitor, photo):
    body, kind = multipart(token_part(visitor), photo_part(photo))
    head = f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    whole = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert status_of(exchange(visitor.port, raw_post(visitor, KTP, head, whole))) == 303
    endless = (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 45
    assert status_of(exchange(visitor.port, raw_post(visitor, KTP, head, endless))) == 413


def test_a_client_that_asks_before_sending_is_told_to_go_on(visitor):
    body = urlencode({"csrf_token": visitor.token, **RESIDENT}).encode()
    head = f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n"
    answer = exchange(visitor.port, raw_post(visitor, "/daftar/data", head, body))
    assert answer.startswith(b"HTTP/1.1 100 ") and b"HTTP/1.1 303 " in answer


def foreign_posts(visitor: Visitor, port: int) -> dict[str, int]:
    stranger = Visitor(port)
    stranger.open("/daftar")
    own, data = visitor.token, {**RESIDENT, "full_name": "ORANG LAIN"}
    found = {}
    for name, token, headers in (
        ("no token", "", {}), ("another session's token", stranger.token, {}),
        ("another site", own, {"Origin": "https://evil.example"}), ("no site", own, {"Origin": "null"}),
        ("a like-named site", own, {"Origin": f"http://127.0.0.1:{port}.evil.example"}),
        ("another port", own, {"Origin": f"http://127.0.0.1:{port + 1}"}),
        ("across sites", own, {"Sec_Fetch_Site": "cross-site"}),
    ):
        visitor.token = token
        found[name] = visitor.post("/daftar/data", data, **headers).status
    visitor.token = own
    return found


def test_a_form_sent_from_elsewhere_writes_nothing(visitor, live_server):
    assert set(foreign_posts(visitor, live_server.port).values()) <= {400, 403}
    assert "ORANG LAIN" not in visitor.open("/daftar/data").text
