"""The demo as an office under load: who waits there, in every state, made by the services of the product."""

from random import Random

import pytest
from PIL import Image

from app.city.office_calendar import calendar_for
from app.demo import command, past_complaints, waiting
from app.demo.waiting import Place
from app.process import fsck
from app.registration.photo_kinds import KINDS
from tests.browser import Page
from tests.picture_parts import encoded

# one of each, as PLACES has dozens; who sends "again" is the person of that number
PLACES = (
    Place(930), Place(395), Place(140), Place(1000, "mended", 40), Place(610, "complete", 520),
    Place(85, "returned", 25), Place(47, "second", 12), Place(290, "provisional", 90),
    Place(14, "again", 2), Place(8, "counter"), Place(500, "withdrawn", 450), Place(20, "draft"),
)
TABS = {
    "Semua": 8, "Baru": 6, "Diperbaiki": 1, "Lengkap": 1, "Mungkin ganda": 2, "Menunggu pemohon": 1, "Orang kedua": 1,
    "Periksa ulang SIAK": 1,
}


def blotches(kind: str, number: int) -> bytes:
    """A picture like no other: what is on it is no matter here, and to draw a card takes as long as to send one."""
    gray = Image.frombytes("L", (8, 6), Random(f"{kind} {number}").randbytes(48))
    return encoded(gray.resize((800, 600)).convert("RGB"))


@pytest.fixture
def office(app, monkeypatch):
    monkeypatch.setattr(waiting, "PLACES", PLACES)
    with app.app_context():
        command._make_staff()
        pictures = [{kind: blotches(kind, number) for kind in KINDS} for number in range(len(PLACES))]
        waiting.write(calendar_for(), pictures)
        waiting.have_arrived()
    return app


def test_dozens_wait_in_every_state_and_nothing_of_it_is_made_up_beside_the_product(office, staff_client):
    page = Page(staff_client("supervisor", "pengawas").get("/petugas/?tab=semua"))
    shown = {link.find(string=True).strip(): int(link.b.text) for link in page.soup.select(".tabs a") if link.b}
    assert {name: shown[name] for name in TABS} == TABS
    assert "lewat" in page.soup.select_one("tr[data-case]").text
    held = [cell.text.strip() for cell in page.soup.select("tr[data-case] td:last-child")]
    assert any("Contoh" in who for who in held)
    with office.app_context():
        assert fsck.check() == []


def test_the_demo_itself_has_dozens_over_twelve_channels_and_twenty_people():
    paths = [place.path for place in waiting.PLACES]
    assert len(paths) > 50 and set(waiting.PATHS) | {"", "again", "counter", "draft"} == set(paths)
    assert len(past_complaints.CHANNELS) == 12 and command.PAST_COMPLAINTS >= 200
    assert len(command.STAFF) + len(command.OVERSEERS) == 20
