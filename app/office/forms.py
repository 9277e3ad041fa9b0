"""Forms of the office pages. The rules live in the services."""

from wtforms import DateField, PasswordField, SelectField, StringField, TextAreaField

from app.access import ROLES
from app.accounts.forms import RulesElsewhere
from app.office.rights import ROLE_WORDS


class PersonForm(RulesElsewhere):
    name = StringField("Nama lengkap")
    username = StringField("Nama pengguna")
    role = SelectField("Peran", choices=[(role, ROLE_WORDS[role]) for role in ROLES], validate_choice=False)


class ChosenPasswordForm(RulesElsewhere):
    new_password = PasswordField("Kata sandi baru")
    new_password_again = PasswordField("Ulangi kata sandi baru")


class DayForm(RulesElsewhere):
    """`kind` is `libur` (a day off) or `kerja` (worked after all)."""

    day = DateField("Tanggal")
    kind = SelectField("Hari itu", choices=[("libur", "Libur"), ("kerja", "Kantor buka")], validate_choice=False)
    name = StringField("Nama hari")
    reason = TextAreaField("Alasan perubahan")
    source = StringField("Sumber")
