"""The five pages of oversight and the public figures in Chromium: axe finds nothing, nothing leaves the screen at
320 px, and a table opens without a script."""

import pytest

from tests.audit import audit
from tests.builders import add_staff
from tests.desk_screen import brings_a_session
from tests.live import served
from tests.test_oversight import months_of_work  # noqa: F401

pytestmark = pytest.mark.browser
PAGES = {
    "kepala_dinas": ("ringkasan", "ringkasan/terlambat", "bulan"), "sekretaris": ("beban-kerja", "pengumuman"),
    "kepala_bidang": ("bidang",), "analis_kebijakan": ("analisis",), "operator_go": ("sistem",),
}


def test_those_who_oversee_meet_nothing_axe_would_find(months_of_work, chromium):  # noqa: F811
    app = months_of_work
    for jabatan in PAGES:
        add_staff(app, jabatan, "supervisor", jabatan=jabatan)
    with served(app) as url:
        context = chromium.new_context(base_url=url, viewport={"width": 1366, "height": 768})
        page = context.new_page()
        for jabatan, paths in PAGES.items():
            brings_a_session(app, context, url, jabatan)
            for path in paths:
                page.goto(f"/petugas/{path}")
                assert page.url.endswith(path)
                audit(page)
                if path == "ringkasan":  # one screen of the morning meeting, below the bar that says demo
                    bar = page.locator("aside.demo").bounding_box()["height"]
                    assert page.evaluate("document.documentElement.scrollHeight") - bar <= 768
        context.close()
        plain = chromium.new_context(base_url=url, viewport={"width": 360, "height": 800}, java_script_enabled=False)
        page = plain.new_page()
        page.goto("/kinerja")
        assert page.locator("figure.chart svg:visible").count() >= 1
        assert not page.locator("details.numbers table").first.is_visible()
        page.locator("details.numbers summary").first.click()
        assert page.locator("details.numbers table").first.is_visible()
        plain.close()
