"""Pages reach a slow phone small, and whoever cannot unpack them gets them plain."""

import gzip

import brotli
import pytest

from tests.browser import Resident
from tests.builders import photo_files

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(("accepted", "encoding"), [
    ("gzip, deflate, br", "br"), ("gzip, deflate", "gzip"), ("br;q=0, gzip", "gzip"),
])
def test_a_page_is_a_third_of_its_size_on_the_line(client, accepted, encoding):
    plain = client.get("/daftar")
    packed = client.get("/daftar", headers={"Accept-Encoding": accepted})
    assert packed.headers["Content-Encoding"] == encoding
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) * 0.4
    assert b"<h1" in UNPACK[encoding](packed.data)
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize("accepted", [None, "identity", "deflate", "br;q=0, gzip;q=0"])
def test_who_cannot_unpack_gets_the_page_plain(client, accepted):
    answer = client.get("/daftar", headers={"Accept-Encoding": accepted} if accepted else {})
    assert "Content-Encoding" not in answer.headers and "<h1" in answer.text


def test_photos_and_redirects_are_left_alone(client):
    resident = Resident(client)
    resident.starts()
    resident.fills_in()
    resident.sends_photo("ktp", photo_files()["ktp"])
    for address in ("/daftar/ktp/gambar", "/daftar/periksa", "/healthz"):
        assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "br"}).headers
