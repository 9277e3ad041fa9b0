"""What our messages say, and that Meta would approve them (docs/whatsapp.md, facts 2)."""

import re

import pytest

from app.base.services import city
from app.messages import texts
from app.messages.catalogue import MESSAGES, Message

PLACE = re.compile(r"\{\{([0-9]+)\}\}")


def test_every_message_fits_with_its_samples_and_ends_with_the_same_lines(app_context):
    for message in MESSAGES.values():
        text = texts.full_text(message, texts.cleaned(message, message.variables), "ABCD-EFGH")
        assert len(text) <= texts.LONGEST, message.key
        if message.is_code:
            continue  # WhatsApp fixes its words
        assert "tidak pernah meminta kata sandi" in text and "Senin–Jumat, telepon (0335) 4438894" in text, message.key
        last = text.splitlines()[-1]
        assert last.startswith("Kode pesan: ABCD-EFGH. Ragu? Jangan tekan tautan."), message.key
        assert last.endswith("/cek-pesan"), message.key
        assert "://" not in last, f"{message.key}: the way to check a message is typed, not tapped"


def test_the_first_line_names_the_office_and_no_paragraph_is_a_block(app_context):
    for message in MESSAGES.values():
        first, *others = texts.spoken_text(message, texts.cleaned(message, message.variables)).split("\n\n")
        assert city().short_name in first.splitlines()[0], message.key
        assert all(len(paragraph.split()) <= 45 for paragraph in (first, *others)), message.key


def test_who_warns_of_a_change_says_what_to_do_at_night(app_context):
    for message in MESSAGES.values():
        text = texts.spoken_text(message, message.variables)
        if "Bukan Anda" in text:
            at_night = re.search("di luar jam layanan, tulis di|siang atau malam|tidak berubah", text, re.IGNORECASE)
            assert at_night, message.key


def test_whoever_taps_no_link_types_an_address_and_no_full_stop_with_it(app_context):
    for message in MESSAGES.values():
        text = texts.full_text(message, texts.cleaned(message, message.variables), "ABCD-EFGH")
        here = texts._constants()["alamat"]
        assert not re.search(rf"{re.escape(here)}[a-z/-]*[.](\s|$)", text), message.key
        link = message.variables.get("tautan", "/t/none")
        if not message.to_staff and not texts.PLACE_OF_TOKEN.search(link):
            assert re.search(rf"etik sendiri\s{re.escape(here)}/", text.partition("Kami tidak pernah")[0]), message.key


def test_no_message_asks_for_data_or_names_the_nik(app_context):
    for message in MESSAGES.values():
        text = texts.full_text(message, message.variables, "ABCD-EFGH").lower()
        assert not re.search(r"[0-9]{16}", text), message.key
        for request in ("kirim nik", "kirimkan nik", "balas dengan nik", "kirim kata sandi", "kirim foto", "transfer"):
            assert request not in text, message.key


def test_every_template_is_numbered_without_gaps_and_has_a_sample_for_each_place(app_context):
    for message in MESSAGES.values():
        body = texts.template_body(message)
        places = [int(number) for number in PLACE.findall(body)]
        assert sorted(set(places)) == list(range(1, len(texts.template_names(message)) + 1)), message.key
        assert all(sample.strip() for sample in message.variables.values()), message.key


def test_no_place_stands_first_last_or_beside_another(app_context):
    for message in MESSAGES.values():
        body = texts.template_body(message)
        assert not body.startswith("{{") and not body.endswith("}}"), message.key
        assert not re.search(r"\}\}\W*\{\{", body), message.key


def test_every_template_has_enough_fixed_words_for_its_places(app_context):
    for message in MESSAGES.values():
        body = texts.template_body(message)
        words = [word for word in body.split() if not PLACE.search(word)]
        places = len(texts.template_names(message))
        assert len(words) >= 2 * places + 1, message.key


def test_what_people_typed_is_a_value_and_never_a_template(app_context):
    message = MESSAGES["akun_aktif"]
    values = texts.cleaned(message, {"nama": "{{ situs }} {0} %s", "tautan": "https://contoh.go.id/masuk"})
    assert "Yth. Bapak/Ibu situs S., akun" in texts.full_text(message, values, "ABCD-EFGH")
    message = MESSAGES["permintaan_nomor_ditolak"]
    values = texts.cleaned(message, {"alasan": "{{ situs }} {0} %s", "kontak": "1"})
    assert "Alasannya: {{ situs }} {0} %s." in texts.full_text(message, values, "ABCD-EFGH")


GREETINGS = (
    ("  Siti\n\tAminah  ", "Siti A."), ("", "-"), ("\u200b \r\n", "-"), ("NUR'AINI", "Nur'aini"),
    ("A.B.Siti", "A. B. Siti"), ("Siti *Aminah*", "Siti A."), ("hadiah.example", "hadiah. example"),
    ("https://tipu.example", "httpstipu. example"), ("SITI AMINAH BINTI ACHMAD", "Siti A."), ("Siti A.", "Siti A."),
    ("M. NUR HIDAYAT", "Nur H."), ("H. ACHMAD, S.PD.", "Achmad"), ("SUHARTO", "Suharto"), ("UB", "UB"),
)


def test_a_name_becomes_a_greeting_that_is_no_link_and_no_whole_name(app_context):
    for typed, sent in GREETINGS:
        values = texts.cleaned(MESSAGES["akun_aktif"], {"nama": typed, "tautan": "https://contoh.go.id/masuk"})
        assert (typed, values["nama"]) == (typed, sent)


@pytest.mark.parametrize("typed", ["3574014505900001", "3574 0145 0590 0001", "3574.0145.0590.0001"])
def test_no_message_holds_a_nik_that_staff_typed(app_context, typed):
    message = MESSAGES["ditolak"]
    values = texts.cleaned(message, {**message.variables, "alasan": f"NIK {typed} tidak aktif."})
    text = texts.full_text(message, values, "ABCD-EFGH")
    assert "NIK ••••0001 tidak aktif." in text and typed not in text


def test_a_sentence_brings_no_second_full_stop(app_context):
    message = MESSAGES["perlu_perbaikan"]
    values = texts.cleaned(message, {**message.variables, "daftar_alasan": "KTP: buram.; Selfie: gelap."})
    assert "diperbaiki: KTP: buram; Selfie: gelap. Cara memperbaiki ada di sini" in " ".join(
        texts.full_text(message, values, "ABCD-EFGH").split()
    )


@pytest.mark.parametrize("length", [100, 500, 1024, 5000])
def test_the_longest_value_is_cut_so_that_the_whole_fits(app_context, length):
    message = MESSAGES["perlu_perbaikan"]
    values = texts.cleaned(message, {**message.variables, "daftar_alasan": "x" * length})
    text = texts.full_text(message, values, "ABCD-EFGH")
    assert len(text) <= texts.LONGEST
    assert text.endswith("/cek-pesan")
    assert ("…" in text) == (length > 400)


def test_two_long_values_are_both_cut(app_context):
    message = MESSAGES["ditolak"]
    values = texts.cleaned(message, {**message.variables, "alasan": "x" * 900, "saran": "y" * 900})
    assert len(texts.full_text(message, values, "ABCD-EFGH")) <= texts.LONGEST


@pytest.mark.parametrize("variables", [{}, {"nama": "Siti"}, {"nama": "Siti", "tautan": "x", "nik": "1"}])
def test_a_missing_or_unknown_variable_is_our_bug_and_said_at_once(app_context, variables):
    with pytest.raises(ValueError, match="akun_aktif"):
        texts.cleaned(MESSAGES["akun_aktif"], variables)


def test_every_text_file_belongs_to_a_message():
    files = {path.stem for path in texts.FOLDER.glob("*.txt") if not path.stem.startswith("_")}
    assert files == set(MESSAGES)


def test_a_code_message_is_an_authentication_template():
    assert isinstance(MESSAGES["kode_reset_sandi"], Message)
    assert MESSAGES["kode_reset_sandi"].is_code and MESSAGES["kode_reset_sandi"].expires
