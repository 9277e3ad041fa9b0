"""MAIL_* settings: right ones are understood, wrong ones stop the start and are named without their value."""

import pytest

from app.settings.reading import BadSetting
from app.settings.settings import read_settings
from tests.builders import TEST_SETTINGS
from tests.test_house import GOOD

SMTP = {"MAIL_SMTP_HOST": "smtp.contoh.id", "MAIL_FROM": "kantor@contoh.id"}
BOTH = {
    **SMTP, "MAIL_IMAP_HOST": "imap.contoh.id", "MAIL_IMAP_USER": "kantor@contoh.id", "MAIL_IMAP_PASSWORD": "abcd efgh",
}


@pytest.fixture
def read_mail(tmp_path):
    """The MAIL_* settings as production reads them."""
    return lambda given: read_settings({**GOOD, "LOKET_INSTANCE": str(tmp_path), **given}).mail


def test_without_any_setting_there_is_no_email(read_mail):
    mail = read_mail({"MAIL_FROM": "", "HOME": "x"})
    assert (mail.imap, mail.smtp, mail.address) == (None, None, "")


def test_the_usual_ports_and_encryption_need_not_be_said(read_mail):
    mail = read_mail({**BOTH, "MAIL_FROM": "Dukcapil Kota <Kantor@contoh.id>"})
    assert (mail.imap.port, mail.imap.tls, mail.smtp.port, mail.smtp.tls) == (993, "tls", 587, "starttls")
    assert (mail.folder, mail.address, mail.name) == ("INBOX", "kantor@contoh.id", "Dukcapil Kota")
    assert read_mail({**SMTP, "MAIL_SMTP_TLS": "tls"}).smtp.port == 465


@pytest.mark.parametrize(("changed", "name"), [
    ({"MAIL_FROM": ""}, "MAIL_FROM"), ({"MAIL_FROM": "kantor"}, "MAIL_FROM"),
    ({"MAIL_FROM": "a@b.id\r\nBcc: c@d.id"}, "MAIL_FROM"), ({"MAIL_SMTP_HOST": ""}, "MAIL_SMTP_HOST"),
    ({"MAIL_SMTP_HOST": "https://smtp.contoh.id"}, "MAIL_SMTP_HOST"), ({"MAIL_IMAP_HOST": "a b"}, "MAIL_IMAP_HOST"),
    ({"MAIL_IMAP_PORT": "imap"}, "MAIL_IMAP_PORT"), ({"MAIL_SMTP_PORT": "70000"}, "MAIL_SMTP_PORT"),
    ({"MAIL_SMTP_PORT": "٥٨٧"}, "MAIL_SMTP_PORT"), ({"MAIL_IMAP_TLS": "yes"}, "MAIL_IMAP_TLS"),
    ({"MAIL_SMTP_TLS": "off"}, "MAIL_SMTP_TLS"), ({"MAIL_SMTP_USER": "kantor"}, "MAIL_SMTP_PASSWORD"),
    ({"MAIL_IMAP_PASSWORD": ""}, "MAIL_IMAP_PASSWORD"),
    ({"MAIL_IMAP_USER": "", "MAIL_IMAP_PASSWORD": ""}, "MAIL_IMAP_USER"),
    ({"MAIL_IMAP_FOLDER": "a*"}, "MAIL_IMAP_FOLDER"), ({"MAIL_SMPT_HOST": "x"}, "MAIL_SMPT_HOST"),
    ({"MAIL_IMAP_HOST": ""}, "MAIL_IMAP_PASSWORD"),
])
def test_a_wrong_setting_is_named(read_mail, changed, name):
    with pytest.raises(BadSetting) as caught:
        read_mail({**BOTH, **changed})
    assert caught.value.name == name and "abcd efgh" not in str(caught.value)


def test_no_encryption_is_for_this_machine_only(read_mail):
    assert read_mail({**SMTP, "MAIL_SMTP_HOST": "127.0.0.1", "MAIL_SMTP_TLS": "off"}).smtp.port == 25


def test_a_wrong_setting_stops_the_start_and_secrets_are_not_shown(tmp_path):
    settings = {**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), **BOTH}
    with pytest.raises(BadSetting, match="MAIL_FROM"):
        read_settings({**settings, "MAIL_FROM": "kantor"})
    assert "abcd efgh" not in repr(read_settings(settings))
