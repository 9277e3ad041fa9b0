"""Neighbours of the letters in letters.py: the same kinds of fault as other programs make them.

`PEOPLE` must become words; `MACHINES` are built to be left alone, `HARD` to be mistaken for machines although people
wrote them.
"""

import base64
import json
from collections.abc import Iterator

from tests.letters import INNER, OFFICE, Case, coded, letter, part, parts, signed, tnef

LIKE = "Pada Jum, 27 Nov 2026 09.06 {} menulis:"
PLACEHOLDER = "Pesan ini dalam format HTML. Gunakan aplikasi yang mendukung HTML untuk melihatnya."


def _alternatives(plain: str, html: str, *others: bytes, **headers: str) -> bytes:
    return parts(part(plain), *others, part(html, "text/html; charset=utf-8"), kind="alternative", **headers)


def _coded_letter(data: bytes, kind: str) -> bytes:
    return letter(base64.encodebytes(data), kind, Content_Transfer_Encoding="base64")


def _in_other_sets() -> Iterator[Case]:
    yield Case("cp1252 as ascii", letter(b"caf\xe9 \x93tutup\x94", "text/plain; charset=us-ascii"), ("café “tutup”",))
    yield Case("cp1251 as utf-8", _coded_letter("Здравствуйте, паспорт потерян".encode("cp1251"),
                                                "text/plain; charset=utf-8"), ("паспорт потерян",))
    yield Case("iso-2022-kr", letter("주민등록".encode("iso2022_kr"), "text/plain; charset=iso-2022-kr"), ("주민등록",))
    yield Case("big5 of Windows", letter("碁銹裏".encode("cp950"), "text/plain; charset=big5"), ("碁銹裏",))
    yield Case("logical arabic", letter("بطاقة".encode("iso8859_6"), "text/plain; charset=iso-8859-6-i"), ("بطاقة",))
    yield Case("utf-8 as windows-1252", letter("“antre” 5 €".encode(), "text/plain; charset=windows-1252"),
               ("“antre” 5 €",))
    yield Case("utf-8 cut in its only emoji", letter("antre lama 😡".encode()[:-1]), ("antre lama \ufffd",))
    yield Case("broken byte in quoted-printable", letter(
        b"=E2=80=9Clama=E2=80=9D =E2=80 =C3=A9", Content_Transfer_Encoding="quoted-printable"), ("“lama”", "é"))


def _by_content() -> Iterator[Case]:
    yield Case("octet-stream inline and named", parts(part(
        "Isi surat", 'application/octet-stream; name="isi.txt"', Content_Disposition="inline; filename=isi.txt")),
        ("Isi surat",))
    yield Case("named inline text beside words", parts(part("Isi utama"), part(
        "Sambungan", "text/plain", Content_Disposition="inline; filename=2.txt")), ("Isi utama", "Sambungan"))
    yield Case("empty text before named html", parts(part(" "), part(
        "<p>Isi</p>", "text/html", Content_Disposition="inline; filename=b.html")), ("Isi",))
    yield Case("tnef under another name", parts(part(""), coded(
        tnef("Isi dari Outlook", b"%PDF-1.4 x"), "application/octet-stream", "win.dat")), ("Isi dari Outlook",),
        files=("lampiran.pdf",))
    yield Case("tnef in a letter within", parts(part("lihat"), part(
        parts(part(""), coded(tnef("Isi dari Outlook"), "application/ms-tnef", "winmail.dat")), "message/rfc822")),
        ("lihat", "Isi dari Outlook"))
    yield Case("letter within in base64", parts(part("lihat"), part(
        base64.encodebytes(INNER), "message/rfc822", Content_Transfer_Encoding="base64")), ("KTP anak saya salah",))
    yield Case("letter within as a file", parts(part("lihat"), coded(INNER, "application/octet-stream", "surat.eml")),
               ("lihat", "Dari: Warga Asli", "KTP anak saya salah"))
    yield Case("signed s/mime as a file", _coded_letter(signed(part("Surat bertanda tangan")),
                                                        "application/octet-stream; name=smime.p7m"), ("bertanda",))
    yield Case("sealed s/mime as a file", _coded_letter(b"0\x80rahasia", "application/octet-stream; name=smime.p7m"),
               ("tidak dapat dibaca",), unread=("encrypted",))
    yield Case("pgp beside words", parts(part("lihat"), coded(
        b"-----BEGIN PGP MESSAGE-----\n", "application/octet-stream", "p.pgp")), ("lihat",), files=("p.pgp",),
        unread=("encrypted",))
    yield Case("rtf alone", letter(rb"{\rtf1 Isi}", "text/rtf"), ("tidak dapat dibaca",), files=("text/rtf",),
               unread=("shape",))
    yield Case("placeholder of our language", _alternatives(PLACEHOLDER, "<p>KK hilang</p>"), ("KK hilang",),
               (PLACEHOLDER,))
    yield Case("placeholder longer than the words", _alternatives(
        "This is a multi-part message in MIME format. " * 8, "<p>KK hilang</p>"), ("KK hilang",))
    yield Case("clipped text beside html", _alternatives(
        "KTP hilang... [clipped]", "<p>KTP hilang di pasar, tolong cetak ulang.</p>"), ("cetak ulang",))
    yield Case("reaction in Gmail", _alternatives(
        "Budi bereaksi lewat Gmail", "<p>Budi bereaksi lewat Gmail</p>", part(
            json.dumps({"emoji": "👍"}), "text/vnd.google.email-reaction+json")), ("👍",), ("bereaksi",))
    yield Case("html laid out beforehand", letter(b"<pre>satu\r\ndua</pre>", "text/html"), ("satu\ndua",))
    yield Case("html definitions", letter(b"<dl><dt>Nama</dt><dd>Siti</dd></dl>", "text/html"), ("Nama\nSiti",))
    yield Case("html link behind a picture", letter(
        b'<a href="https://maps.uji.id/9"><img src="x.png"></a>', "text/html"), ("https://maps.uji.id/9",))


def _quoting() -> Iterator[Case]:
    to_us = f"Dari: W <w@contoh.id>\r\nDikirim: Kamis\r\nKepada: {OFFICE}\r\nSubjek: keluhan\r\n\r\nantre 3 jam"
    yield Case("forwarded that was written to us", letter(f"Tolong\r\n\r\n{to_us}".encode()), ("antre 3 jam",))
    yield Case("somebody else quoted who names us", letter(
        f"Tolong.\r\n\r\n{LIKE.format('W <w@contoh.id>')}\r\n> ADU-2026-000004 ke {OFFICE}\r\n> antre".encode()),
        ("> antre",))
    yield Case("our letter quoted by a phone", letter(
        f"Belum.\r\n\r\n> {LIKE.format(f'Dukcapil <{OFFICE}>')}\r\n> \r\n> Sudah.".encode()), ("Belum.",), ("Sudah.",))
    yield Case("our letter under Indonesian headings", letter(
        f"Belum.\r\n\r\nDari: Dukcapil <{OFFICE}>\r\nDikirim: Jumat\r\nKepada: Budi\r\n\r\nSudah.".encode()),
        ("Belum.",), ("Sudah.",))
    yield Case("forwarded by a phone", letter(
        b"Tolong\r\n\r\nBegin forwarded message:\r\n\r\n> From: W <w@contoh.id>\r\n> antre"), ("antre",))


def _writers() -> Iterator[Case]:
    def by(sender: str, **headers: str) -> bytes:
        return letter(b"halo", sender=sender, **headers)

    yield Case("two writers, one with a title", by("Dr. Siti, M.Si <siti@contoh.id>, Budi <budi@contoh.id>"),
               writer="Dr. Siti, M.Si", answer_to="siti@contoh.id")
    yield Case("quote that never ends", by('"Budi Santoso, S.H. <budi@contoh.id>'), writer="Budi Santoso, S.H.")
    yield Case("address within the name", by("budi@kantor.id Budi <budi@contoh.id>"), answer_to="budi@contoh.id")
    yield Case("name in a comment", by("budi@contoh.id (Budi Contoh)"), writer="Budi Contoh")
    turning = base64.b64encode("Budi\u202ex\u200e".encode()).decode()
    yield Case("name that turns", by(f"=?utf-8?b?{turning}?= <budi@contoh.id>"),
               writer="Budix")
    yield Case("answer to us and the writer", by("Situs <noreply@kota.uji.id>", Reply_To=f"{OFFICE}, W <w@contoh.id>"),
               writer="W", answer_to="w@contoh.id")
    yield Case("form of a WordPress", by("Situs <wordpress@kota.uji.id>", Reply_To="W <w@contoh.id>", Return_Path="<>"),
               writer="W", answer_to="w@contoh.id")
    yield Case("form through a mass sender", by(
        "Situs <no-reply@kota.uji.id>", Reply_To="W <w@contoh.id>", X_SG_EID="a", List_Unsubscribe="<https://x/>"),
        answer_to="w@contoh.id")
    yield Case("munged by our Mailman", by(
        f"Rina Uji via Pengaduan <{OFFICE}>", Reply_To="Rina Uji <rina@contoh.id>", Precedence="list",
        List_Id="<pengaduan.dukcapil.uji.id>", List_Unsubscribe="<https://x/>"), writer="Rina Uji",
        answer_to="rina@contoh.id")


def HARD() -> Iterator[Case]:
    """Written by people, with the words and marks of machines."""
    yield Case("complains of absence", letter(b"Petugas loket 2 sedang tidak di tempat sejak pagi.",
                                              subject="Petugas tidak di tempat"), ("loket 2",))
    yield Case("complains of leave", letter(b"Loket tutup karena pegawai cuti semua.", subject="Cuti: loket tutup"),
               ("cuti semua",))
    yield Case("complains of our robot", letter(b"Pesan otomatis dari loket tidak masuk ke HP saya.",
                                                subject="Pesan otomatis tidak masuk"), ("tidak masuk",))
    yield Case("replies while on leave", letter(b"Saya sedang cuti, mohon diambil adik saya.", subject="Re: Jawaban",
                                                In_Reply_To="<a@dukcapil.uji.id>"), ("adik saya",))
    yield Case("forwards an away note", letter(b"Kantor membalas begini terus.", subject="Fwd: Automatic reply: KTP"),
               ("begini terus",))
    yield Case("forwarded by a rule", letter(b"KTP belum jadi", X_MS_Exchange_Organization_AutoForwarded="true"),
               ("KTP belum jadi",))
    yield Case("writes from a role's address", letter(b"KTP belum jadi", sender="RT 03 <notifikasi@rt.uji.id>"),
               ("KTP belum jadi",))
    yield Case("program that offers to unsubscribe", letter(b"KTP belum jadi", List_Unsubscribe="<mailto:x@y.id>"),
               ("KTP belum jadi",))


def PEOPLE() -> Iterator[Case]:
    for kind in (_in_other_sets, _by_content, _quoting, _writers, HARD):
        yield from kind()


def MACHINES() -> Iterator[Case]:
    def sent(name: str, body: str = "isi", **headers: str) -> Case:
        return Case(name, letter(body.encode(), **headers))

    answer = {"In_Reply_To": "<a@dukcapil.uji.id>"}
    yield sent("away of Notes", "I will be out of the office until 03.12.",
               subject="Budi is out of the office (returning 03.12.)")
    yield sent("away, not at the office", "Saya sedang cuti.", subject="Tidak di kantor: Jawaban")
    yield sent("away on duty", "Saya sedang dinas luar sampai Senin.", subject="Dinas luar: Jawaban")
    yield sent("away, subject in brackets", "Pesan ini dikirim otomatis.", subject="[Pesan Otomatis] Re: Jawaban")
    yield sent("away, OOO", "I'm on annual leave until 3 December.", subject="OOO Re: Jawaban")
    yield sent("away in reply, words of no use", "Terima kasih.", subject="Automatic reply: Jawaban", **answer)
    yield sent("away in reply, our language", "Kami catat.", subject="Respon otomatis: Jawaban", **answer)
    yield sent("will answer", "Thank you for contacting us. We will get back to you.", subject="Autoreply: Jawaban")
    yield sent("will answer, our language", "Terima kasih telah menghubungi kami.", subject="Auto: Re: Jawaban")
    yield sent("has received", "Surat Anda sudah kami terima.", subject="Balasan otomatis: Jawaban")
    yield sent("away, suppressing", "Saya sedang cuti.", subject="Re: Jawaban", X_Auto_Response_Suppress="OOF")
    yield sent("x-autoreply-from", X_Autoreply_From="a@contoh.id")
    yield sent("x-autoresponder", X_Autoresponder="ya")
    yield sent("x-precedence", X_Precedence="auto_reply")
    yield Case("delivered to a responder", f"Delivered-To: {OFFICE}\r\n".encode() + letter(
        b"isi", Delivered_To="Autoresponder"))
    yield sent("failed recipients", X_Failed_Recipients="a@contoh.id")
    yield sent("read note of Outlook", "Pesan Anda telah dibaca pada 27 Nov.", subject="Dibaca: Jawaban")
    yield sent("bounce in our language", "Kotak penuh.", subject="Surat tidak terkirim: Jawaban",
               sender="postmaster@contoh.id")
    yield sent("bounce of Exim", sender="Mail Delivery System <Mailer-Daemon@mx.contoh.id>")
    yield sent("bounce with a null path", subject="Mail delivery failed", Return_Path="<>")
    yield sent("ticket system", "Your request was received.", subject="[#1]", Precedence="bulk")
    yield sent("ticket system of another office", Auto_Submitted="auto-generated", subject="[Ticket#9] Re: Jawaban")
    yield sent("asks to confirm", "Please click.", Auto_Submitted="auto-replied", subject="Please confirm")
    yield sent("report of DMARC", sender="dmarcreport@contoh.id",
               subject="Report Domain: uji.id Submitter: contoh.id Report-ID: 123")
    yield Case("invitation accepted", _alternatives("Budi menerima", "<p>Budi menerima</p>", part(
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR", 'text/calendar; charset=utf-8;\r\n method="REPLY"')))
    yield sent("one-click newsletter", List_Unsubscribe="<https://x/>",
               List_Unsubscribe_Post="List-Unsubscribe=One-Click")
    yield sent("newsletter by its name", sender="Toko <newsletter@toko.example>", List_Unsubscribe="<https://x/>")
    yield sent("shop that answers at its own place", sender="Toko <noreply@toko.example>",
               Reply_To="Toko <halo@toko.example>", Precedence="bulk")
    yield sent("list of others through a form's name", sender="Toko <noreply@toko.example>", Reply_To="a@contoh.id",
               List_Id="<abc.toko.example>")
    yield sent("mass sender's campaign", X_Campaign_Id="7", Feedback_ID="1:2", List_Unsubscribe="<https://x/>")


__all__ = ["HARD", "MACHINES", "PEOPLE"]
