"""The city file: what ships is whole, and every fault stops the start with the name of its key."""

import re
import tomllib
from datetime import date, time
from pathlib import Path

import pytest

from app.city.city import BadCityFile, load_city
from app.city.dates import show_date

SHIPPED = Path(__file__).resolve().parent.parent / "app" / "city.toml"


@pytest.fixture(scope="module")
def city():
    return load_city(SHIPPED)


@pytest.fixture
def edited(tmp_path):
    """edited(old, new) -> the shipped file with one passage replaced."""

    def edit(old: str, new: str) -> Path:
        text = SHIPPED.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "kota.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edit


def test_the_standard_has_its_fourteen_components_under_their_official_names(city):
    names = {component.letter: component.name for component in city.standard.components}
    assert "".join(names) == "ABCDEFGHIJKLMN"
    assert names["A"] == "Persyaratan"
    assert names["F"] == "Penanganan pengaduan, saran, dan masukan"
    assert names["N"] == "Evaluasi kinerja pelaksana"
    delivery = [c.letter for c in city.standard.components if c.part == "delivery"]
    assert delivery == list("ABCDEF")


def test_the_published_slips_of_the_standard_are_mended():
    text = SHIPPED.read_text(encoding="utf-8")
    assert not re.search(r"sambing|[Ss]crool|[Kk]emudain|dispendukkotaprob @|MANUFAKTURING", text)
    assert text.count('"Jaringan internet"') == 1


def test_the_steps_name_the_labels_of_the_form_in_its_order(city):
    steps = " ".join(next(c for c in city.standard.components if c.letter == "B").items)
    labels = [
        "Login User Baru", "NIK", "Nama Lengkap", "Nomor WhatsApp", "Nomor KK", "Password Baru", "Alamat",
        "foto KTP", "foto tanda tangan", "foto selfie sambil memegang KTP",
        "Kirim Data Registrasi User Baru", "Ya",
    ]
    places = [steps.index(label) for label in labels]
    assert places == sorted(places)


def test_channels_open_with_one_tap_where_there_is_something_to_open(city):
    links = {channel.key: channel.link for channel in city.channels}
    assert links["telepon"] == "tel:+623354438894"
    assert links["whatsapp"] == "https://wa.me/6282350657770"
    assert links["email"] == "mailto:dispendukkotaprob@gmail.com"
    assert links["lapor"] == "https://www.lapor.go.id"
    assert links["web"] == "/pengaduan"
    assert links["kotak_saran"] == ""


def test_answers_on_radio_and_social_media_are_known_to_be_public(city):
    public = {channel.key for channel in city.channels if channel.public_answers}
    assert public == {"radio", "medsos_kota", "instagram", "facebook"}


def test_contacts_give_links_for_a_tap(city):
    assert city.contacts.phone_link == "tel:+623354438894"
    assert city.contacts.whatsapp_link == "https://wa.me/6282350657770"
    assert city.contacts.email_link == "mailto:dispendukkotaprob@gmail.com"
    assert city.contacts.instagram_link == "https://www.instagram.com/dispendukcapil.probolinggokota/"


def test_the_city_has_five_districts_and_twenty_nine_villages(city):
    assert city.region.digits == "3574"
    assert [d.name for d in city.region.districts] == ["Kademangan", "Wonoasih", "Mayangan", "Kanigaran", "Kedopok"]
    assert sum(len(d.villages) for d in city.region.districts) == 29


def test_office_hours_add_up_to_the_weeks_of_the_presidential_decree(city):
    def minutes(hours):
        spans = [span for day in hours.days for span in day]
        return sum((end.hour - start.hour) * 60 + end.minute - start.minute for start, end in spans)

    assert minutes(city.office_hours) == 37.5 * 60
    assert minutes(city.ramadan_hours) == 32.5 * 60
    assert city.office_hours.of(date(2026, 11, 27))[-1][1] == time(16, 30)


def test_the_privacy_notice_says_the_days_after_which_data_is_really_deleted(city):
    text = city.privacy.text
    assert f"{city.retention.photos_active_days} hari setelah akun aktif" in text
    assert f"{city.retention.drafts_days} hari" in text
    assert "{" not in text
    headings = ("Untuk apa", "Dasar hukum", "Hak Anda")
    for what in ("NIK", "nomor KK", "foto KTP", *headings, "3 x 24 jam", city.contacts.phone):
        assert what in text


def test_the_privacy_page_says_since_when_and_where_to_ask(client, city):
    page = client.get("/privasi").text
    assert f"berlaku sejak {show_date(city.privacy.since)}" in page
    assert 'href="/akun/hak-data"' in page and 'href="/lacak"' in page and city.privacy.contact in page


def test_no_text_of_the_file_is_left_with_a_placeholder(city):
    assert "{" not in repr(city).replace("{}", "")


def test_a_retention_day_changed_in_the_file_changes_the_notice(edited):
    changed = load_city(edited("photos_active_days = 90", "photos_active_days = 45"))
    assert "Foto dihapus 45 hari setelah akun aktif" in changed.privacy.text


@pytest.mark.parametrize(("old", "new", "key", "told"), [
    ('name = "Kota Probolinggo"\n', "", "name", "is missing"),
    ('phone = "(0335) 4438894"\n', "", "contacts.phone", "is missing"),
    ("reminder_days", "remindr_days", "registration.remindr_days", "did you mean reminder_days?"),
    ("[guarantee]", "[guarante]", "guarante", "did you mean guarantee?"),
    ("drafts_days = 7", 'drafts_days = "7"', "retention.drafts_days", "a whole number"),
    ("drafts_days = 7", "drafts_days = true", "retention.drafts_days", "a whole number"),
    ("drafts_days = 7", "drafts_days = 0", "retention", "drafts_days must be 1 or more"),
    ("require_two_people = true", "require_two_people = 0", "registration.require_two_people", "true or false"),
    ("reminder_days = [2, 5]", "reminder_days = [5, 2]", "registration", "reminder_days must rise"),
    ("reminder_days = [2, 5]", "reminder_days = [2, 20]", "registration", "reminder_days must rise"),
    ("reminder_days = [2, 5]", "reminder_days = 2", "registration.reminder_days", "must be a list"),
    ("warn_at_percent = 75", "warn_at_percent = 750", "registration", "warn_at_percent"),
    ('rabu = ["07.30-12.00"', 'rabu = ["07.30 - 12.00"', "office_hours", "rabu"),
    ("sabtu = []\n", "", "office_hours", "sabtu"),
    ('office_name = "Dinas', 'office_name = " "\n#"', "office_name", "is empty"),
    ("end = 2026-03-20", "end = 2027-03-20", "ramadan[1]", "end must follow start"),
    ("start = 2026-02-19", "start = 2026-02-19T00:00:00", "ramadan[1].start", "a date"),
    ('code = "35.74"', 'code = "3574"', "region", "35.74"),
    ('code = "35.74.02"', 'code = "35.13.02"', "region", "35.13.02"),
    ('code = "35.74.02"', 'code = "35.74.01"', "region", "stands twice"),
    ('kind = "box"', 'kind = "boks"', "channels[3].kind", "must be one of web, visit, box"),
    ('target = "{contacts.phone}"', 'target = "1500"', "channels[4]", "target must be a number"),
    ('key = "view"', 'key = "lapor"', "", "channels: a key stands twice"),
    ('email = "dispendukkotaprob@', 'email = "dispendukkotaprob @', "contacts", "email"),
    ('status = "berlaku"', 'status = "lama"', "legal_bases[1].status", "berlaku, diubah, dicabut"),
    ('letter = "C"', 'letter = "B"', "standard", "A to N"),
    ('source = "oversight"', "", "standard.components[12]", "items or source"),
    ('version = "2026-11-27"', 'version = "dua"', "privacy", "version"),
    ('link = "tel:137"', 'link = "137"', "further_ways[2]", "link"),
    ("{contacts.phone}", "{contacts.telpon}", "contacts.telpon", "channels[4].name"),
    ('"dukcapilprobolinggokota.online"', '"https://dukcapilprobolinggokota.online"', "", "public_domain"),
])
def test_a_fault_stops_the_start_and_names_the_key(edited, old, new, key, told):
    with pytest.raises(BadCityFile) as stopped:
        load_city(edited(old, new))
    assert stopped.value.key == key
    assert told in str(stopped.value)
    assert "kota.toml" in str(stopped.value)


def test_a_file_that_is_missing_or_not_toml_is_named(tmp_path):
    with pytest.raises(BadCityFile, match=r"tidak-ada\.toml"):
        load_city(tmp_path / "tidak-ada.toml")
    broken = tmp_path / "rusak.toml"
    broken.write_text("name = ", encoding="utf-8")
    with pytest.raises(BadCityFile, match=r"rusak\.toml: is not valid TOML"):
        load_city(broken)


def test_every_key_of_the_shipped_file_is_read_and_commented_sections_exist():
    table = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    assert set(table) == set(load_city(SHIPPED).__dataclass_fields__)
