"""Forms of the account. The rules live in the services and in `app/identity`."""

from wtforms import PasswordField, StringField

from app.accounts.forms import RulesElsewhere


class AskCodeForm(RulesElsewhere):
    nik = StringField("NIK")


class ProveCodeForm(RulesElsewhere):
    code = StringField("Kode dari WhatsApp")


class NewPasswordForm(RulesElsewhere):
    new_password = PasswordField("Kata sandi baru")


class ChangePasswordForm(RulesElsewhere):
    current_password = PasswordField("Kata sandi sekarang")
    new_password = PasswordField("Kata sandi baru")


class RevealForm(RulesElsewhere):
    password = PasswordField("Kata sandi")


class NewNumberForm(RulesElsewhere):
    new_number = StringField("Nomor WhatsApp baru")
    password = PasswordField("Kata sandi")


class BothCodesForm(RulesElsewhere):
    code_old = StringField("Kode yang masuk ke nomor lama")
    code_new = StringField("Kode yang masuk ke nomor baru")


class LostNumberForm(RulesElsewhere):
    """The selfie itself is taken from the request by the view."""

    nik = StringField("NIK")
    new_number = StringField("Nomor WhatsApp baru")


class DecisionForm(RulesElsewhere):
    """An operator's button."""
