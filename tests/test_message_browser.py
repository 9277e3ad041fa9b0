"""In the browser: a message fails at Twilio, becomes a call task, is told by phone and closed."""

import shutil

import pytest

from app import create_app
from tests.audit import audit
from tests.builders import an_application
from tests.fake_twilio import SETTINGS, FakeTwilio, Fault
from tests.live import LiveServer, let_in

# what is looked at in a wide window has to fit a narrow one, too
SIZES = [(1366, 768), pytest.param(360, 800, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def live_server(tmp_path_factory, demo_instance):
    """The demo with the real Twilio package, at a Twilio that knows none of the numbers: four residents just sent."""
    twilio = FakeTwilio()
    twilio.choose_fault = lambda form: Fault("error", taken=False, status=400, code=63003)
    settings = {**SETTINGS, "TWILIO_API_BASE": twilio.url}
    del settings["PUBLIC_BASE_URL"]
    folder = tmp_path_factory.mktemp("live")
    shutil.copytree(demo_instance, folder, dirs_exist_ok=True)
    server = LiveServer(folder, settings=settings)
    app = create_app(server.environment)
    for word in ("push", "status"):
        assert app.test_cli_runner().invoke(args=["wa", "templates", word]).exit_code == 0
    for number in range(1, 5):
        an_application(app, nik=f"357401450590005{number}", whatsapp_number=f"0812-0000-105{number}")
    try:
        yield server.start()
    finally:
        server.stop()
        twilio.close()


@pytest.fixture
def officer(browser_page, live_server):
    """officer(width, height, javascript) -> a page where a petugas is signed in."""

    def make(width, height, javascript=True):
        page = browser_page(width, height, javascript=javascript)
        let_in(page, live_server, "petugas")
        return page

    return make


def wait_for_tasks(page, count: int) -> None:
    """The worker needs a moment; the list has no reason to refresh itself."""
    for _ in range(100):
        page.goto("/petugas/telepon")
        if page.locator("table.list tbody tr").count() >= count:
            return
        page.wait_for_timeout(300)
    pytest.fail("no failed message became a call task")


@pytest.mark.parametrize("javascript", [True, False])
def test_staff_sees_a_failing_message_become_a_call_task_and_closes_it(officer, javascript):
    page = officer(1366, 768, javascript)
    wait_for_tasks(page, 2)
    rows = page.locator("table.list tbody tr")
    task = rows.first.locator("a").get_attribute("href")
    assert "Nomor tujuan tidak ditemukan di WhatsApp" in rows.first.inner_text()
    rows.first.locator("a").click()
    assert page.locator("h1").inner_text() == "Telepon pemohon"
    assert "0812-0000-" in page.locator("main").inner_text()
    page.get_by_label("Sudah disampaikan kepada pemohon").check()
    page.get_by_label("Catatan singkat").fill("Disampaikan dengan baik")
    page.get_by_role("button", name="Simpan hasil").click()
    page.wait_for_url("**/petugas/telepon")
    assert "Tugas selesai" in page.locator("main").inner_text()
    assert page.locator(f"a[href='{task}']").count() == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_pages_about_messages_are_sound_at_every_size(officer, width, height):
    page = officer(width, height)
    wait_for_tasks(page, 1)
    audit(page)
    page.locator("table.list tbody a").first.click()
    audit(page)
    page.goto("/petugas/pesan")
    audit(page)
    page.locator("table.list tbody a").first.click()
    page.get_by_role("heading", name="Isi pesan").wait_for()
    audit(page)
    for address in ("/petugas/pesan/masuk", "/cek-pesan", "/cek-pesan?kode=ABCD-EFGH"):
        page.goto(address)
        audit(page)
