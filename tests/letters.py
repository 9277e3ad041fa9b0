"""Letters as mailboxes hold them, each built after a kind of fault that people reported of help desks.

`PEOPLE` must become words, with what must be read of them; `MACHINES` are built to be left alone.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

OFFICE = "pengaduan@dukcapil.uji.id"
OURS = frozenset({OFFICE, "layanan@grup.uji.id"})


@dataclass(frozen=True)
class Case:
    """What must come out: pieces of the new words, of the folded ones, names of files, the reporter's name, whom to
    answer (None: the sender), and codes of what could not be read."""

    name: str
    raw: bytes = field(repr=False)
    words: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    writer: str = ""
    answer_to: str | None = None
    unread: tuple[str, ...] = ()


def letter(body: bytes = b"", kind: str = "text/plain; charset=utf-8", sender: str = "Budi Contoh <budi@contoh.id>",
           subject: str = "Keluhan", **headers: str) -> bytes:
    """A whole message; `headers` have _ for -, a body of str headers only."""
    lines = {"From": sender, "To": OFFICE, "Subject": subject, "MIME-Version": "1.0", "Content-Type": kind,
             **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return head.encode("utf-8", "surrogateescape") + b"\r\n" + body + b"\r\n"


def parts(*inner: bytes, kind: str = "mixed", sender: str = "Budi Contoh <budi@contoh.id>", **headers: str) -> bytes:
    body = b"".join(b"--b\r\n" + part + b"\r\n" for part in inner) + b"--b--"
    return letter(body, f"multipart/{kind}; boundary=b", sender, **headers)


def part(body: bytes | str, kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    lines = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n" + data


def coded(data: bytes, kind: str, name: str, how: str = "attachment") -> bytes:
    return part(base64.encodebytes(data).replace(b"\n", b"\r\n"), f'{kind}; name="{name}"',
                Content_Transfer_Encoding="base64", Content_Disposition=f'{how}; filename="{name}"')


def signed(inner: bytes, indefinite: bool = False) -> bytes:
    """CMS SignedData around `inner`, without a signer: how S/MIME travels when it is not clear-signed."""

    def element(tag: int, body: bytes) -> bytes:
        size = len(body)
        length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
        return bytes([tag]) + length + body

    def open_(tag: int, body: bytes) -> bytes:
        return bytes([tag, 0x80]) + body + b"\0\0"

    signed_data = element(6, bytes.fromhex("2a864886f70d010702"))
    data = element(6, bytes.fromhex("2a864886f70d010701"))
    pieces = b"".join(element(4, inner[at : at + 100]) for at in range(0, len(inner), 100))
    if indefinite:
        content = open_(0x30, data + open_(0xA0, open_(0x24, pieces)))
        return open_(0x30, signed_data + open_(0xA0, open_(0x30, element(2, b"\1") + element(0x31, b"") + content)))
    content = element(0x30, data + element(0xA0, element(4, inner)))
    return element(0x30, signed_data + element(0xA0, element(0x30, element(2, b"\1") + element(0x31, b"") + content)))


def tnef(body: str, file: bytes = b"", name: str = "lampiran.pdf") -> bytes:
    """winmail.dat with plain words and one file (MS-OXTNEF)."""

    def attribute(level: int, kind: int, data: bytes) -> bytes:
        return (bytes([level]) + kind.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data
                + (sum(data) & 0xFFFF).to_bytes(2, "little"))

    out = (0x223E9F78).to_bytes(4, "little") + (1).to_bytes(2, "little")
    out += attribute(1, 0x00089006, (0x00010000).to_bytes(4, "little"))
    out += attribute(1, 0x0002800C, body.encode("cp1252") + b"\0")
    if file:
        out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, name.encode() + b"\0")
        out += attribute(2, 0x0006800F, file)
    return out


INNER = letter(b"KTP anak saya salah tanggal lahir.", sender="Warga Asli <asli@contoh.id>", subject="keluhan asli")
REPLY = "Pada Jum, 27 Nov 2026 09.06 Dukcapil <pengaduan@dukcapil.uji.id> menulis:"


def PEOPLE() -> Iterator[Case]:
    yield Case("cp1252 as latin-1", letter(b"Biaya \x80 5 \x93mahal\x94", "text/plain; charset=iso-8859-1"),
               ("Biaya € 5 “mahal”",))
    yield Case("utf-8 as latin-1", letter("Kelühan “lama”".encode(), "text/plain; charset=iso-8859-1"),
               ("Kelühan “lama”",))
    yield Case("no charset, cp1252", letter(b"caf\xe9 di depan kantor", "text/plain"), ("café di depan",))
    yield Case("utf-8 with a broken byte", letter("antre “lama” 😡 sekali…".encode() + b"\xff akhir"),
               ("antre “lama” 😡 sekali…", "akhir"))
    yield Case("shift_jis with NEC letters", letter("①番窓口".encode("cp932"), "text/plain; charset=shift_jis"),
               ("①番窓口",))
    yield Case("ks_c with cp949 letters", letter("똠방각하".encode("cp949"), "text/plain; charset=ks_c_5601-1987"),
               ("똠방각하",))
    yield Case("logical hebrew", letter("שלום KTP".encode("iso8859_8"), "text/plain; charset=iso-8859-8-i"),
               ("שלום KTP",))
    yield Case("undeclared utf-16", letter(base64.encodebytes("KTP saya hilang".encode("utf-16")),
                                           "text/plain; charset=utf-8", Content_Transfer_Encoding="base64"),
               ("KTP saya hilang",))
    yield Case("html with a link", letter(b'<p>Rusak di <a href="https://maps.uji.id/x?a=1&amp;b=2">sini</a></p>',
                                          "text/html"), ("sini <https://maps.uji.id/x?a=1&b=2>",))
    yield Case("html table", letter(b"<table><tr><td>Nama</td><td>Siti</td></tr><tr><td>Umur</td><td>40</td></tr>"
                                    b"</table>", "text/html"), ("Nama  Siti\nUmur  40",))
    yield Case("html list and breaks", letter(b"<ol><li>satu</li><li>dua</li></ol>tiga<br>empat", "text/html"),
               ("satu", "tiga\nempat"))
    yield Case("html declared as plain", letter(b"<html><body><p>satu</p><p>dua</p></body></html>"),
               ("satu\n\ndua",))
    yield Case("plain declared as html", letter(b"baris satu\r\nbaris dua", "text/html"), ("baris satu\nbaris dua",))
    yield Case("html that names its own charset", letter(
        '<meta charset="windows-1251"><p>КТП потерян</p>'.encode("cp1251"), "text/html"), ("КТП потерян",))
    yield Case("placeholder beside html", parts(
        part("Please view this email in a browser."), part("<p>KK saya hilang di jalan</p>", "text/html"),
        kind="alternative"), ("KK saya hilang di jalan",))
    yield Case("links only in html", parts(
        part("lokasi ini"), part('<p><a href="https://maps.uji.id/9">lokasi ini</a></p>', "text/html"),
        kind="alternative"), ("https://maps.uji.id/9",))
    yield Case("plain and html alike", parts(part("KTP saya *hilang* kemarin"), part(
        "<p>KTP saya <b>hilang</b> kemarin</p>", "text/html"), kind="alternative"), ("KTP saya *hilang* kemarin",))
    yield Case("named inline text alone", parts(part(
        "Isi surat di sini", 'text/plain; name="isi.txt"', Content_Disposition="inline; filename=isi.txt")),
        ("Isi surat di sini",))
    yield Case("attached text alone", parts(part(
        "Surat saya dalam berkas", "text/plain", Content_Disposition='attachment; filename="surat.txt"')),
        ("Surat saya dalam berkas",), files=("surat.txt",))
    yield Case("named text beside words", parts(part("lihat log"), part(
        "isi log", "text/plain", Content_Disposition='attachment; filename="log.txt"')), ("lihat log",),
        files=("log.txt",))
    yield Case("octet-stream that is text", letter(b"Loket dua tutup terus", "application/octet-stream"),
               ("Loket dua tutup terus",))
    yield Case("calendar alone", letter(
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Rekam KTP massal\r\nLOCATION:Balai RW 3\r\nEND:VEVENT\r\n"
        b"END:VCALENDAR", "text/calendar; method=REQUEST"), ("Rekam KTP massal", "Balai RW 3"), files=("undangan.ics",))
    yield Case("flowed", letter(b"Mohon penjelasan mengapa \r\nditolak kemarin.",
                                "text/plain; charset=utf-8; format=flowed"), ("mengapa ditolak kemarin.",))
    yield Case("flowed, joined", letter(b"hari ka \r\nmis", "text/plain; format=flowed; delsp=yes"), ("hari kamis",))
    yield Case("letter within a letter", parts(part("Mohon dibantu"), part(INNER, "message/rfc822")),
               ("Mohon dibantu", "Dari: Warga Asli", "KTP anak saya salah"))
    yield Case("only a letter within", letter(INNER, "message/rfc822"), ("KTP anak saya salah",))
    yield Case("signed s/mime", letter(base64.encodebytes(signed(part("Surat bertanda tangan"))),
                                       "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
                                       Content_Transfer_Encoding="base64"), ("Surat bertanda tangan",))
    yield Case("signed s/mime in pieces", letter(
        base64.encodebytes(signed(part("Surat panjang " * 40), indefinite=True)),
        "application/x-pkcs7-mime; name=smime.p7m", Content_Transfer_Encoding="base64"), ("Surat panjang",))
    yield Case("clear-signed", parts(part("Surat jelas"), coded(b"0\x80", "application/pkcs7-signature", "smime.p7s"),
                                     kind="signed"), ("Surat jelas",))
    yield Case("sealed s/mime", letter(base64.encodebytes(b"0\x80rahasia"), "application/pkcs7-mime; "
                                       "smime-type=enveloped-data", Content_Transfer_Encoding="base64"),
               ("tidak dapat dibaca",), unread=("encrypted",))
    yield Case("pgp/mime", parts(part("Version: 1", "application/pgp-encrypted"), coded(
        b"-----BEGIN PGP MESSAGE-----", "application/octet-stream", "encrypted.asc", "inline"), kind="encrypted"),
        ("tidak dapat dibaca",), unread=("encrypted",))
    yield Case("pgp in the text", letter(b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----"),
               unread=("encrypted",))
    yield Case("winmail.dat", parts(part(""), coded(tnef("Isi dari Outlook", b"%PDF-1.4 x"),
                                                    "application/ms-tnef", "winmail.dat")),
               ("Isi dari Outlook",), files=("lampiran.pdf",))
    yield Case("broken winmail.dat", parts(part("lihat"), coded(b"x\x9f>\x22\0", "application/ms-tnef", "winmail.dat")),
               ("lihat",), files=("winmail.dat",), unread=("tnef",))
    yield Case("forwarded with >", letter(b"Mohon ditindaklanjuti.\r\n\r\nPada Kam, 26 Nov Warga <w@contoh.id>\r\n"
                                          b"menulis:\r\n\r\n> antre 3 jam\r\n", subject="Fwd: keluhan"),
               ("antre 3 jam",))
    yield Case("somebody else quoted", letter(b"Tolong.\r\n\r\nPada Kam, 26 Nov Warga <w@contoh.id> menulis:\r\n"
                                              b"> antre 3 jam\r\n"), ("antre 3 jam",))
    yield Case("our letter quoted below", letter(
        f"Belum beres.\r\n\r\n{REPLY}\r\n> Sudah kami perbaiki.\r\n> PIN Anda: 12345678\r\n".encode(),
        subject="Re: [ADU-2026-000001]"), ("Belum beres.",), ("Sudah kami perbaiki.", "••••••"))
    yield Case("our letter quoted above", letter(
        f"{REPLY}\r\n> Sudah kami perbaiki.\r\n\r\nBelum, masih salah.\r\n".encode()), ("Belum, masih salah.",),
        ("Sudah kami perbaiki.",))
    yield Case("answers between our questions", letter(
        b"> ADU-2026-000001 Siapa nama Anda?\r\nSiti\r\n> Kapan?\r\nKemarin\r\n"), ("Siti", "Kemarin", "Siapa nama"))
    yield Case("our letter quoted by Outlook", letter(
        f"Masih salah.\r\n\r\n-----Original Message-----\r\nFrom: Dukcapil <{OFFICE}>\r\nSent: Friday\r\n"
        "To: Budi\r\nSubject: Jawaban\r\n\r\nSudah kami perbaiki.\r\n".encode()), ("Masih salah.",), ("Sudah kami",))
    yield Case("our letter quoted in html", letter(
        f'<div>Belum jadi</div><div>{REPLY.replace("<", "&lt;").replace(">", "&gt;")}</div>'
        "<blockquote>Sudah selesai</blockquote>".encode(), "text/html; charset=utf-8"), ("Belum jadi",),
        ("Sudah selesai",))
    yield Case("titles with commas", letter(b"halo", sender="Budi Santoso, S.H., M.Kn. <budi@contoh.id>"), ("halo",),
               writer="Budi Santoso, S.H., M.Kn.", answer_to="budi@contoh.id")
    yield Case("coded name with a comma", letter(b"halo", sender="=?utf-8?q?Siti=2C_S=2EPd=2E?= <siti@contoh.id>"),
               ("halo",), writer="Siti, S.Pd.", answer_to="siti@contoh.id")
    yield Case("domain of other letters", letter(b"halo", sender="Budi <budi@münchen.example>"), ("halo",),
               writer="Budi", answer_to="budi@xn--mnchen-3ya.example")
    yield Case("reply-to of a web form", letter(b"nama salah", sender="Situs <noreply@kota.uji.id>",
                                                Reply_To="Warga Uji <warga@contoh.id>"), ("nama salah",),
               writer="Warga Uji", answer_to="warga@contoh.id")
    yield Case("web form that says it is one", letter(
        b"isi formulir", sender="Situs <noreply@kota.uji.id>", Reply_To="warga@contoh.id",
        Auto_Submitted="auto-generated"), ("isi formulir",), answer_to="warga@contoh.id")
    yield Case("through our own group", letter(
        b"KTP belum jadi", Precedence="list", List_Id="<pengaduan.dukcapil.uji.id>",
        List_Unsubscribe="<mailto:x@googlegroups.com>"), ("KTP belum jadi",))
    yield Case("rewritten by our group", letter(
        b"KTP belum jadi", sender=f"'Rina Uji' via Pengaduan <{OFFICE}>", X_Original_Sender="rina@contoh.id",
        List_Id="<pengaduan.dukcapil.uji.id>", Precedence="list", Reply_To="Rina Uji <rina@contoh.id>"),
        ("KTP belum jadi",), writer="Rina Uji", answer_to="rina@contoh.id")
    yield Case("another group of ours", letter(b"KK hilang", List_Id="Layanan <layanan.grup.uji.id>",
                                               Precedence="bulk"), ("KK hilang",))
    yield Case("a person who forwards an automatic reply", letter(
        b"Saya dapat balasan begini terus dari loket, tolong dijelaskan: nomor antrean saya tidak muncul.",
        subject="Automatic reply: antrean"), ("antrean saya tidak muncul",))
    yield Case("a person at postmaster", letter(b"kelurahan melapor", sender="Kelurahan <postmaster@desa.uji.id>"),
               ("kelurahan melapor",))
    yield Case("suppresses automatic answers", letter(b"KTP rusak", X_Auto_Response_Suppress="DR, OOF, AutoReply"),
               ("KTP rusak",))
    yield Case("says that it is no automat", letter(b"KTP rusak", Auto_Submitted="no"), ("KTP rusak",))
    yield Case("writes of leave", letter(
        b"Petugas bilang pegawainya sedang cuti sampai minggu depan, padahal berkas saya sudah lengkap.",
        subject="Pegawai cuti"), ("berkas saya sudah lengkap",))


def _machine(name: str, body: str = "isi", **headers: str) -> Case:
    return Case(name, letter(body.encode(), **headers))


def MACHINES() -> Iterator[Case]:
    away = "Saya sedang cuti sampai 3 Desember 2026."
    yield _machine("auto-replied", Auto_Submitted="auto-replied")
    yield _machine("auto-replied with comment", Auto_Submitted="auto-replied (vacation)")
    yield _machine("auto-generated", Auto_Submitted="auto-generated")
    yield _machine("auto-notified", Auto_Submitted="auto-notified")
    yield _machine("exchange away", away, subject="Automatic reply: Jawaban", X_Auto_Response_Suppress="All")
    yield _machine("away by subject and words", away, subject="Automatic reply: Jawaban")
    yield _machine("away in indonesian", "Saya tidak di kantor dan akan membalas setelah 1 Desember.",
                   subject="Balasan otomatis: Jawaban")
    yield _machine("away in english", "I am currently out of the office with limited access to email.",
                   subject="Out of Office: Re: Jawaban")
    yield _machine("away in german", "Ich bin nicht da.", subject="Abwesenheit", X_Auto_Response_Suppress="OOF")
    yield _machine("x-autoreply", X_Autoreply="yes")
    yield _machine("x-autorespond", X_Autorespond="true")
    yield _machine("x-vacation", away, X_Vacation="1")
    yield _machine("precedence bulk", Precedence="bulk")
    yield _machine("precedence junk", Precedence="junk")
    yield _machine("precedence auto_reply", Precedence="auto_reply")
    yield _machine("newsletter", List_Id="<abc.list-id.mcsv.net>", List_Unsubscribe="<https://x.example/u>")
    yield _machine("discussion list", List_Id="<warga.contoh.id>", Precedence="list")
    yield _machine("list by its post address", List_Post="<mailto:umum@contoh.id>")
    yield _machine("google group of others", Mailing_list="list promo@grup.example; contact promo+owners@grup.example")
    yield _machine("mass sender with unsubscribe", List_Unsubscribe="<https://x.example/u>", Feedback_ID="1:2:3:mail")
    yield _machine("no-reply newsletter", sender="Toko <noreply@toko.example>", List_Unsubscribe="<https://x.example/u>")
    yield _machine("no-reply mass sender", sender="Bank <no-reply@bank.example>", X_SG_EID="abc")
    yield _machine("bounce of qmail", "Hi. I could not deliver your message.", subject="failure notice",
                   sender="MAILER-DAEMON@mx.contoh.id", Return_Path="<>")
    yield _machine("bounce from postmaster", "Your message could not be delivered.", subject="Undeliverable: Jawaban",
                   sender="postmaster@contoh.id")
    yield _machine("daemon alone", sender="Mail Delivery System <mailer-daemon@contoh.id>")
    yield _machine("null return path", Return_Path="<>")
    yield Case("delivery report", letter(b"--b\r\n\r\nTidak sampai\r\n--b--", "multipart/report; "
                                         "report-type=delivery-status; boundary=b"))
    yield Case("read receipt", letter(b"--b\r\n\r\nDibaca\r\n--b--", "multipart/report; "
                                      "report-type=disposition-notification; boundary=b", subject="Read: Jawaban"))
    yield _machine("read receipt of outlook", "Your message was read.", subject="Dibaca: Jawaban",
                   X_Auto_Response_Suppress="All")
    yield Case("calendar answer", letter(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "text/calendar; method=REPLY",
                                         subject="Accepted: rapat"))
    yield _machine("echo of our own", X_Loop=OFFICE)
    yield _machine("generated by exchange", X_MS_Exchange_Generated_Message_Source="Antispam Mailbox")


def as_it_lies(case: Case, number: int) -> bytes:
    """With a Message-ID of its own, as a mailbox holds it."""
    return f"Message-ID: <kasus-{number}@contoh.id>\r\n".encode() + case.raw


def mixed_letters(count: int) -> list[tuple[bool, bytes]]:
    """(whether a person wrote it, the letter), all different, people and machines in turn."""
    people, machines = list(PEOPLE()), list(MACHINES())
    found = []
    for number in range(count):
        is_person = number % 2 == 0
        cases = people if is_person else machines
        raw = as_it_lies(cases[number // 2 % len(cases)], number)
        # one sender of so many would count as a flood
        found.append((is_person, raw.replace(b"<budi@contoh.id>", b"<budi%d@contoh.id>" % number)))
    return found


__all__ = ["MACHINES", "OFFICE", "OURS", "PEOPLE", "Case", "as_it_lies", "mixed_letters"]
