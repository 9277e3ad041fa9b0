"""Files under static/: their addresses, compression, caching and headers."""

import base64
import gzip
import hashlib
from types import SimpleNamespace

import brotli
import pytest
from bs4 import BeautifulSoup
from flask import Flask, url_for
from werkzeug.test import Client

from app.web import assets
from app.web.middleware import wrap
from tools.scripts import shortened

HTMX = "js/htmx-2.0.11.min.js"


@pytest.fixture
def visitor():
    behind = Flask("behind", static_folder=None)
    behind.add_url_rule("/", "home", lambda: "home")
    return Client(wrap(behind, SimpleNamespace(trusted_proxies=0)))


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A small static/ of its own in place of ours: one stylesheet of two files, and a script."""
    folder = tmp_path / "static"
    (folder / "css").mkdir(parents=True)
    (folder / "js").mkdir()
    (folder / "css" / "base.css").write_text(":root {\n  --ink: #123456;\n  --edge: 1px solid var(--ink);\n}\n")
    (folder / "css" / "a.css").write_text("/* why */\np {\n  color: var(--ink);\n  border: var(--edge);\n}\n" * 20)
    (folder / "js" / "a.js").write_text("// why\nfunction one() {\n  return 1;\n}\n")
    monkeypatch.setattr(assets, "STATIC", folder)
    monkeypatch.setattr(assets, "SHEETS", {"css/a.css": ("css/base.css", "css/a.css")})
    monkeypatch.setattr(assets, "TOKEN_FILES", ("css/base.css",))
    assets.asset_url.cache_clear()
    yield folder
    assets.asset_url.cache_clear()


@pytest.fixture
def folder(tmp_path, sources):
    """Where build() puts what it makes of `sources`."""
    return tmp_path / "build" / "static"


def test_the_vendored_htmx_is_the_published_file():
    digest = hashlib.sha256((assets.STATIC / HTMX).read_bytes()).hexdigest()
    assert digest == "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


def test_the_short_scripts_are_those_of_today():
    kept = {f"{assets.SHORT}/{path.name}": path.read_text() for path in (assets.STATIC / assets.SHORT).iterdir()}
    assert kept == shortened(), "a script has changed: run `make scripts`"
    assert len(kept) > 9 and not any("=>" in text or "`" in text for text in kept.values()), "what was ES5 stays ES5"


def test_a_script_without_its_short_form_is_served_all_the_same(sources):
    assert assets.made("js/a.js") == b"function one(){return 1;}"


def test_an_address_carries_the_hash_of_the_content_and_is_kept_for_ever(visitor):
    url = assets.asset_url(HTMX)
    assert url == f"/static/{HTMX}?v=d6fdc75f"
    answer = visitor.get(url)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"


def test_an_address_changes_with_the_content_and_with_its_tokens(sources):
    before = assets.asset_url("css/a.css")
    (sources / "css" / "base.css").write_text(":root { --ink: #654321; --edge: 0; }")
    assets.asset_url.cache_clear()
    assert assets.asset_url("css/a.css") != before


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


def test_static_files_carry_only_the_headers_that_mean_something_there_and_are_open_to_no_other_site(visitor):
    headers = visitor.get(f"/static/{HTMX}").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers
    assert len(str(headers)) < 250, headers
    drawing = visitor.get(assets.asset_url("img/hero.svg")).headers
    assert drawing["Content-Security-Policy"].startswith("default-src 'none'"), "opened by itself it is a document"


@pytest.mark.parametrize("path", [
    "/static/", "/static", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static//js/../../wsgi.py",
    "/static/css", "/.git/config", f"/static/{HTMX}.br",
])
def test_nothing_but_the_files_themselves_is_served(visitor, path):
    assert visitor.get(path).status_code == 404


def test_a_stylesheet_is_one_file_with_its_tokens_filled_in_and_nothing_a_browser_does_not_need(sources):
    (sources / "css" / "a.css").write_text("/* why */\np {\n  color: var(--ink);\n  border: var(--edge);\n}\n")
    assert assets.made("css/a.css") == b"p{color:#123456;border:1px solid #123456}"


def test_a_token_nobody_names_is_noticed_when_the_page_is_made(sources):
    (sources / "css" / "a.css").write_text("p { color: var(--inc); }")
    with pytest.raises(ValueError, match="--inc"):
        assets.made("css/a.css")


def test_our_scripts_are_minified_and_published_ones_left_as_they_are(sources):
    (sources / "js" / "b-1.0.min.js").write_text("a( 1 ) // as published")
    assert assets.made("js/a.js") == b"function one(){return 1;}"
    assert assets.made("js/b-1.0.min.js") == b"a( 1 ) // as published"


def test_a_changed_file_is_packed_anew_and_an_unchanged_one_is_left_alone(sources, folder):
    assets.build(folder)
    packed = folder / "css" / "a.css.br"
    made = packed.stat().st_ino
    assets.build(folder)
    assert packed.stat().st_ino == made

    (sources / "css" / "base.css").write_text(":root { --ink: #654321; --edge: 0; }")
    assets.build(folder)
    assert b"#654321" in brotli.decompress(packed.read_bytes())
    assert b"#654321" in gzip.decompress(packed.with_suffix(".gz").read_bytes())


def test_building_leaves_only_what_is_served_behind(sources, folder):
    folder.mkdir(parents=True)
    (folder / "of-yesterday.css").write_text("p{}")
    assets.build(folder)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {"css/a.css", "css/a.css.br", "css/a.css.gz", "js/a.js"}  # base.css is a part; a.js is tiny
    assert list(folder.parent.iterdir()) == [folder]
    assert {path.name for path in sources.rglob("*.*")} == {"base.css", "a.css", "a.js"}


def test_on_a_disk_that_takes_nothing_a_process_makes_its_files_elsewhere(sources, tmp_path, monkeypatch):
    full = tmp_path / "full"
    full.write_text("a file where the folder should be")  # refuses root too, unlike a read-only folder
    monkeypatch.setattr(assets, "BUILT", full / "static")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert (assets.built() / "css" / "a.css.br").exists()


def test_the_policy_hash_is_that_of_the_inlined_stylesheet(client):
    page = client.get("/")
    styles = [part.partition("</style>")[0] for part in page.text.split("<style>")[1:]]
    assert styles
    for style in styles:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]


def test_in_the_dark_every_rule_with_another_colour_stands_once_more(sources, monkeypatch):
    (sources / "css" / "dark.css").write_text(
        "@media (prefers-color-scheme: dark) {\n  :root {\n    --ink: #eee;\n  }\n}\n"
    )
    (sources / "css" / "a.css").write_text("p {\n  color: var(--ink);\n  margin: 0;\n}\n")
    monkeypatch.setattr(assets, "TOKEN_FILES", ("css/base.css", "css/dark.css"))
    light, _, dark = assets.made("css/a.css").decode().partition("@media")
    assert light == "p{color:#123456;margin:0}", "an old browser meets plain values only"
    assert "dark" in dark and "p{color:#eee}" in dark
    (sources / "css" / "a.css").write_text("p {\n  border: solid var(--ink);\n  border-width: 0 0 var(--edge);\n}\n")
    assert "p{border:solid #eee;border-width:" in assets.made("css/a.css").decode(), "a short form sets widths back"


def test_a_stylesheet_that_would_end_its_element_is_refused(sources):
    (sources / "css" / "a.css").write_text("p { content: '</STYLE>' }")
    with pytest.raises(ValueError, match="must not hold"):
        assets.inline_css.__wrapped__("css/a.css")


@pytest.mark.parametrize("address", ["/", "/daftar", "/pengaduan", "/lacak", "/standar-pelayanan", "/masuk"])
def test_a_page_of_the_public_needs_no_second_answer_before_first_paint(client, address):
    page = BeautifulSoup(client.get(address).text, "html.parser")
    assert page.find_all("style")
    assert page.find_all("link", rel="stylesheet") == []
    assert all(script.has_attr("defer") for script in page.find_all("script", src=True))


def test_a_page_of_the_office_links_one_stylesheet(client):
    page = BeautifulSoup(client.get("/petugas/masuk").text, "html.parser")
    assert page.find_all("style") == []
    assert [link["href"] for link in page.find_all("link", rel="stylesheet")] == [assets.asset_url("css/office.css")]


@pytest.mark.parametrize("root", ["http://localhost/", "http://localhost/loket/"])
def test_an_address_in_a_template_is_the_one_flask_makes(app, root):
    """Kept from page to page, so asked twice: with no value, with one of each kind, and with one of no address."""
    address = app.jinja_env.globals["url_for"]
    rules = [rule for rule in app.url_map.iter_rules() if len(rule.arguments) <= 1]
    assert len(rules) > 100
    with app.test_request_context("/", base_url=root):
        for rule in rules * 2:
            for value in ("abc123", "0", "2026", "ktp", "a b/&?x=1", "ñ"):
                given = dict.fromkeys(rule.arguments or ("cari",), value)
                assert built(address, rule, given) == built(url_for, rule, given), (rule, given)
            assert rule.arguments or address(rule.endpoint) == url_for(rule.endpoint)


def built(make, rule, given: dict) -> str:
    try:
        return make(rule.endpoint, **given)
    except ValueError:
        return "none"
