"""Forms of signing in. The rules live in the services and in `app/identity`."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField


class RulesElsewhere(FlaskForm):
    """`next` is where the person wanted to go; it is judged when it is used (`safe_next`)."""

    next = HiddenField()

    def show_errors(self, errors: dict[str, list[str]]) -> None:
        for name, sentences in errors.items():
            self[name].errors = [*self[name].errors, *sentences]


class SignInForm(RulesElsewhere):
    nik = StringField("NIK")
    password = PasswordField("Kata sandi")


class StaffSignInForm(RulesElsewhere):
    username = StringField("Nama pengguna")
    password = PasswordField("Kata sandi")


class OwnPasswordForm(RulesElsewhere):
    """Right after the one-time password was typed."""

    new_password = PasswordField("Kata sandi baru")
    new_password_again = PasswordField("Ulangi kata sandi baru")


class ChangePasswordForm(RulesElsewhere):
    """The same later on: the password in use is asked once more (reference/security.md A12)."""

    current_password = PasswordField("Kata sandi sekarang")
    new_password = PasswordField("Kata sandi baru")
    new_password_again = PasswordField("Ulangi kata sandi baru")


class CodeForm(RulesElsewhere):
    code = StringField("Kode 6 angka")
