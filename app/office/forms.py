"""Forms of the office pages. The rules live in the services."""

from wtforms import BooleanField, DateField, PasswordField, SelectField, StringField, TextAreaField

from app.accounts.forms import RulesElsewhere
from app.office.reasons import PLACES
from app.office.rights import ROLE_WORDS
from app.web.access import ROLES


class PersonForm(RulesElsewhere):
    name = StringField("Nama lengkap")
    username = StringField("Nama pengguna")
    role = SelectField("Peran", choices=[(role, ROLE_WORDS[role]) for role in ROLES], validate_choice=False)


class ChosenPasswordForm(RulesElsewhere):
    new_password = PasswordField("Kata sandi baru")
    new_password_again = PasswordField("Ulangi kata sandi baru")


class ContactForm(RulesElsewhere):
    phone = StringField("Nomor WhatsApp")
    email = StringField("Alamat e-mail")
    password = PasswordField("Kata sandi Anda")


class RecoveryForm(RulesElsewhere):
    username = StringField("Nama pengguna")
    code = StringField("Kode pemulihan")


class DayForm(RulesElsewhere):
    """`kind` is `libur` (a day off) or `kerja` (worked after all)."""

    day = DateField("Tanggal")
    kind = SelectField("Hari itu", choices=[("libur", "Libur"), ("kerja", "Kantor buka")], validate_choice=False)
    name = StringField("Nama hari")
    reason = TextAreaField("Alasan perubahan")
    source = StringField("Sumber")


class ReasonForm(RulesElsewhere):
    """`citizen` is what the resident reads, `office` what officers choose by; `advice` is for refusals."""

    office = StringField("Nama alasan")
    citizen = TextAreaField("Kalimat untuk pemohon")
    advice = TextAreaField("Yang dapat dilakukan pemohon")
    offered = BooleanField("Petugas dapat memilih alasan ini")


class NewReasonForm(ReasonForm):
    place = SelectField("Dipakai untuk", choices=list(PLACES.items()), validate_choice=False)
