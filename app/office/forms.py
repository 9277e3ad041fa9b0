"""Forms of the office pages. The rules live in the services."""

from wtforms import BooleanField, DateField, PasswordField, SelectField, StringField, TextAreaField

from app.office.reasons import PLACES
from app.web.access import ROLE_WORDS
from app.web.forms import OnwardForm
from app.web.jabatan import JABATAN_WORDS

NO_JABATAN = ("", "tanpa jabatan pengawasan")


class PersonForm(OnwardForm):
    name = StringField("Nama lengkap")
    username = StringField("Nama pengguna")
    role = SelectField("Peran", choices=list(ROLE_WORDS.items()), validate_choice=False)
    jabatan = SelectField("Jabatan", choices=[NO_JABATAN, *JABATAN_WORDS.items()], validate_choice=False)


class ContactForm(OnwardForm):
    phone = StringField("Nomor WhatsApp")
    email = StringField("Alamat e-mail")
    password = PasswordField("Kata sandi Anda")


class RecoveryForm(OnwardForm):
    username = StringField("Nama pengguna")
    code = StringField("Kode pemulihan")


class DayForm(OnwardForm):
    """`kind` is `libur` (a day off) or `kerja` (worked after all)."""

    day = DateField("Tanggal")
    kind = SelectField("Hari itu", choices=[("libur", "Libur"), ("kerja", "Kantor buka")], validate_choice=False)
    name = StringField("Nama hari")
    reason = TextAreaField("Alasan perubahan")
    source = StringField("Sumber")


class ReasonForm(OnwardForm):
    """`citizen` is what the resident reads, `office` what officers choose by; `advice` is for refusals."""

    office = StringField("Nama alasan")
    citizen = TextAreaField("Kalimat untuk pemohon")
    advice = TextAreaField("Yang dapat dilakukan pemohon")
    offered = BooleanField("Petugas dapat memilih alasan ini")


class NewReasonForm(ReasonForm):
    place = SelectField("Dipakai untuk", choices=list(PLACES.items()), validate_choice=False)
