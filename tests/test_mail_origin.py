"""What counts as our provider's word about a letter (Authentication-Results, RFC 8601), and what does not."""

import random
import time as clock_of_the_test

import pytest

from app.mailbox.origin import FAIL, PASS, UNKNOWN, verdict_of
from app.mailbox.text import headers_of
from app.settings.mail import read_mail
from app.settings.reading import BadSetting

OURS, SENDER = "mx.uji.id", "siti@contoh.id"
GOOD = f"{OURS}; spf=pass smtp.mailfrom=contoh.id; dkim=pass header.d=contoh.id; dmarc=pass header.from=contoh.id"
BAD = f"{OURS}; dmarc=fail (p=reject) header.from=contoh.id"


def judged(*lines: str, sender: str = SENDER, ours: str = OURS, author: str = f"From: Siti <{SENDER}>") -> str:
    """The verdict on a letter that begins with these header lines."""
    raw = "\r\n".join([*lines, author, "Subject: x", "", "isi"]).encode("utf-8", "surrogateescape")
    return verdict_of(headers_of(raw), ours, sender)


def results(value: str) -> str:
    return f"Authentication-Results: {value}"


@pytest.mark.parametrize(("value", "verdict"), [
    (GOOD, PASS), (BAD, FAIL),
    (f"{OURS} 1; dmarc=pass header.from=contoh.id", PASS),
    ("MX.UJI.ID;\r\n\tdmarc=PASS (p=NONE sp=NONE dis=NONE)\r\n header.from=CONTOH.ID", PASS),
    (f"(komentar (di dalam)) {OURS} (lagi); dmarc = pass header . from = contoh.id", PASS),
    (f"{OURS}; dmarc/1=pass header.from=siti@contoh.id", PASS),
    (f"{OURS}; dmarc=pass reason=\"semua; dmarc=fail\" header.from=contoh.id", PASS),
    (f"{OURS}; dmarc=pass", PASS),
    (f"{OURS}; none", UNKNOWN), (f"{OURS}", UNKNOWN), (f"{OURS};", UNKNOWN), ("", UNKNOWN), (";;;", UNKNOWN),
    (f"{OURS}; dmarc=none header.from=contoh.id", UNKNOWN), (f"{OURS}; dmarc=temperror", UNKNOWN),
    (f"{OURS}; dmarc=bestguesspass header.from=contoh.id", UNKNOWN),
    (f"{OURS}; dmarc=passed header.from=contoh.id", UNKNOWN), (f"{OURS}; xdmarc=pass", UNKNOWN),
    (f"{OURS}; dmarc=pass header.from=penjahat.id", UNKNOWN),
    (f"{OURS}; dmarc=pass header.from=contoh.id; dmarc=fail header.from=contoh.id", FAIL),
    (f"{OURS}; dmarc=pass header.from=contoh.id; dmarc=pass header.from=penjahat.id", UNKNOWN),
    (f"{OURS}; spf=pass (dmarc=pass) smtp.mailfrom=contoh.id", UNKNOWN),
    (f"{OURS}; spf=pass smtp.mailfrom=\"x; dmarc=pass header.from=contoh.id\"", UNKNOWN),
    (f"{OURS}; dmarc=pass header.from=contoh.id (tidak ditutup", UNKNOWN),
    (f"{OURS}; dmarc=pass header.from=\"contoh.id", UNKNOWN), (f"{OURS}); dmarc=pass", UNKNOWN),
    (f"{OURS}\\; dmarc=pass", UNKNOWN), (f"{OURS}; dmarc=p\u0430ss", UNKNOWN),
    ("penjahat.id; dmarc=pass header.from=contoh.id", UNKNOWN),
    (f"penjahat.id {OURS}; dmarc=pass", UNKNOWN), (f"x.{OURS}; dmarc=pass", UNKNOWN),
    (f"{OURS}.penjahat.id; dmarc=pass", UNKNOWN), (f"{OURS}/2; dmarc=pass", UNKNOWN),
    (f"\"{OURS}\"; dmarc=pass", UNKNOWN),
])
def test_one_header(value, verdict):
    assert judged(results(value)) == verdict


def test_only_the_topmost_headers_of_our_provider_count():
    forged = results(GOOD)
    assert judged(results(BAD), forged) == FAIL, "the provider's own stands above what the sender wrote"
    assert judged(results(f"{OURS}; spf=fail"), "Received: from x", forged) == UNKNOWN
    assert judged(results(f"{OURS}; spf=pass smtp.mailfrom=contoh.id"), results(GOOD)) == PASS, "one line a check"
    assert judged("Received: from x", results("penjahat.id; dmarc=pass header.from=contoh.id"), results(BAD)) == FAIL
    assert judged(results("penjahat.id; dmarc=fail"), results(GOOD)) == PASS, "others are passed over"
    assert judged(results(f"{OURS}; dmarc=fail ("), forged) == UNKNOWN, "what is malformed ends the reading"


def test_without_the_setting_nothing_is_believed():
    assert judged(results(GOOD), ours="") == UNKNOWN


@pytest.mark.parametrize("author", [
    f"From: {SENDER}, korban@contoh.id", f"From: {SENDER}\r\nFrom: lain@contoh.id", "From: grup:;", "X-Nothing: 1",
])
def test_a_letter_with_more_or_less_than_one_sender_is_nobodys(author):
    assert judged(results(GOOD), author=author) == UNKNOWN


@pytest.mark.parametrize("value", [
    "(" * 100_000, ";" * 100_000, '"' * 99_999, "\\" * 99_999, f"{OURS}; " + "dmarc=pass " * 50_000,
    f"{OURS}; dmarc=" + " " * 90_000 + "pass", f"{OURS}; dmarc=pass header" + " . from" * 20_000,
])
def test_no_header_however_long_costs_time(value):
    began = clock_of_the_test.process_time()
    assert judged(results(value)) == UNKNOWN
    assert judged(*[results(value)] * 200) == UNKNOWN
    assert clock_of_the_test.process_time() - began < 30  # a guard against runaway patterns, not a measure


def test_a_forger_never_gets_a_pass_out_of_what_stands_below_a_fail():
    chance = random.Random(7)
    pieces = [OURS, ";", "dmarc=pass", "(", ")", '"', "\\", " ", "\r\n ", "header.from=contoh.id", "é", "1", "=", "/"]
    for _ in range(3_000):
        value = "".join(chance.choices(pieces, k=chance.randint(0, 25)))
        assert judged(results(BAD), results(value)) == FAIL


@pytest.mark.parametrize("value", ["https://mx.uji.id", "mx uji", "mx.uji.id;", "mx_uji.id"])
def test_a_setting_that_names_no_server_is_refused(value):
    with pytest.raises(BadSetting, match="MAIL_AUTHSERV_ID"):
        read_mail({"MAIL_AUTHSERV_ID": value})
    assert read_mail({"MAIL_AUTHSERV_ID": "MX.uji.id"}).authserv_id == "mx.uji.id"
