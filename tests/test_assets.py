"""Files under static/: their addresses, compression, caching and headers."""

import base64
import gzip
import hashlib
import os
from types import SimpleNamespace

import brotli
import pytest
from flask import Flask
from werkzeug.test import Client

from app.web import assets
from app.web.middleware import wrap

HTMX = "js/htmx-2.0.11.min.js"


@pytest.fixture
def visitor():
    behind = Flask("behind", static_folder=None)
    behind.add_url_rule("/", "home", lambda: "home")
    return Client(wrap(behind, SimpleNamespace(trusted_proxies=0)))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "a.css").write_text("p { color: red }\n" * 100)
    return folder


def test_the_vendored_htmx_is_the_published_file():
    digest = hashlib.sha256((assets.STATIC / HTMX).read_bytes()).hexdigest()
    assert digest == "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


def test_an_address_carries_the_hash_of_the_content_and_is_kept_for_a_year(visitor):
    url = assets.asset_url(HTMX)
    assert url == f"/static/{HTMX}?v=d6fdc75f"
    answer = visitor.get(url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=31536000, public"


def test_an_address_changes_with_the_content(folder, monkeypatch):
    monkeypatch.setattr(assets, "STATIC", folder)
    assets.asset_url.cache_clear()
    before = assets.asset_url("a.css")
    (folder / "a.css").write_text("p { color: blue }")
    assets.asset_url.cache_clear()
    assert assets.asset_url("a.css") != before
    assets.asset_url.cache_clear()


def test_a_missing_file_is_noticed_when_the_page_is_made():
    with pytest.raises(FileNotFoundError):
        assets.asset_url("css/no-such-file.css")


@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_browser_that_can_unpack_gets_the_packed_file(visitor, coding, unpack):
    plain = (assets.STATIC / HTMX).read_bytes()
    answer = visitor.get(f"/static/{HTMX}", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.data) < len(plain) / 2
    assert unpack(answer.data) == plain


def test_a_browser_that_cannot_unpack_gets_the_plain_file(visitor):
    answer = visitor.get(f"/static/{HTMX}", headers={"Accept-Encoding": "identity"})
    assert answer.data == (assets.STATIC / HTMX).read_bytes()


def test_static_files_carry_the_security_headers_and_are_open_to_no_other_site(visitor):
    headers = visitor.get(f"/static/{HTMX}").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Strict-Transport-Security" in headers
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", [
    "/static/", "/static", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static//js/../../wsgi.py",
    "/static/css", "/.git/config", f"/static/{HTMX}.br",
])
def test_nothing_but_the_files_themselves_is_served(visitor, path):
    assert visitor.get(path).status_code == 404


def test_a_changed_file_is_packed_anew_and_an_unchanged_one_is_left_alone(folder):
    assets.precompress(folder)
    packed = folder / "a.css.br"
    made = packed.stat().st_ino
    assets.precompress(folder)
    assert packed.stat().st_ino == made

    (folder / "a.css").write_text("p { color: blue }\n" * 100)
    os.utime(folder / "a.css", (1, 1))  # even when the new file is older
    assets.precompress(folder)
    assert brotli.decompress(packed.read_bytes()) == (folder / "a.css").read_bytes()


def test_packing_leaves_only_the_packed_files_behind(folder):
    assets.precompress(folder)
    assert {path.name for path in folder.iterdir()} == {"a.css", "a.css.br", "a.css.gz"}
    assert list(folder.parent.iterdir()) == [folder]


def test_the_policy_hash_is_that_of_the_inlined_stylesheet():
    text = str(assets.inline_css())
    assert text == (assets.STATIC / assets.INLINE_CSS).read_text(encoding="utf-8")
    expected = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert assets.inline_css_hash() == f"sha256-{expected}"


def test_a_stylesheet_that_would_end_its_element_is_refused(folder, monkeypatch):
    monkeypatch.setattr(assets, "STATIC", folder)
    monkeypatch.setattr(assets, "INLINE_CSS", "a.css")
    (folder / "a.css").write_text("p { content: '</STYLE>' }")
    with pytest.raises(ValueError, match="must not hold"):
        assets.inline_css.__wrapped__()
