"""Forms of signing in. The rules live in the services and in `app/identity`."""

from wtforms import PasswordField, StringField

from app.web.forms import OnwardForm


class SignInForm(OnwardForm):
    nik = StringField("NIK")
    password = PasswordField("Kata sandi")


class StaffSignInForm(OnwardForm):
    username = StringField("Nama pengguna")
    password = PasswordField("Kata sandi")


class NewPasswordForm(OnwardForm):
    """For who has just proved to be its owner by a code."""

    new_password = PasswordField("Kata sandi baru")


class StaffNewPasswordForm(NewPasswordForm):
    """Right after the one-time password, or by a link. Typed twice: a wrong one shuts staff out until a
    colleague helps."""

    new_password_again = PasswordField("Ulangi kata sandi baru")


class ChangePasswordForm(OnwardForm):
    """Later on: the password in use is asked once more (docs/security.md A12)."""

    current_password = PasswordField("Kata sandi sekarang")
    new_password = PasswordField("Kata sandi baru")


class StaffChangePasswordForm(ChangePasswordForm):
    new_password_again = PasswordField("Ulangi kata sandi baru")


class UnlockForm(OnwardForm):
    secret = PasswordField("PIN atau kata sandi")


class ProofForm(OnwardForm):
    """Its field has a name of its own, because it travels with the fields of the form it holds up."""

    proof_password = PasswordField("Kata sandi Anda")


class PinForm(OnwardForm):
    pin = PasswordField("PIN baru, 6 angka")
    pin_again = PasswordField("Ulangi PIN")
    password = PasswordField("Kata sandi Anda")
