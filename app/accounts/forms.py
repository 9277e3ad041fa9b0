"""Forms of signing in. The rules live in the services and in `app/identity`."""

from wtforms import HiddenField, PasswordField, StringField

from app.web.text_form import TextForm


class RulesElsewhere(TextForm):
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
    """The same later on: the password in use is asked once more (docs/security.md A12)."""

    current_password = PasswordField("Kata sandi sekarang")
    new_password = PasswordField("Kata sandi baru")
    new_password_again = PasswordField("Ulangi kata sandi baru")


class CodeForm(RulesElsewhere):
    code = StringField("Kode 6 angka")


class UnlockForm(RulesElsewhere):
    secret = PasswordField("PIN atau kata sandi")


class ProofForm(RulesElsewhere):
    """Its field has a name of its own, because it travels with the fields of the form it holds up."""

    proof_password = PasswordField("Kata sandi Anda")


class PinForm(RulesElsewhere):
    pin = PasswordField("PIN baru, 6 angka")
    pin_again = PasswordField("Ulangi PIN")
    password = PasswordField("Kata sandi Anda")
