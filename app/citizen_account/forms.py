"""Forms of the account. The rules live in the services and in `app/identity`."""

from wtforms import HiddenField, PasswordField, StringField

from app.web.forms import OnwardForm


class AskCodeForm(OnwardForm):
    nik = StringField("NIK")


class RevealForm(OnwardForm):
    password = PasswordField("Kata sandi")


class NewNumberForm(OnwardForm):
    new_number = StringField("Nomor WhatsApp baru")
    password = PasswordField("Kata sandi")


class BothCodesForm(OnwardForm):
    code_old = StringField("Kode yang masuk ke nomor lama")
    code_new = StringField("Kode yang masuk ke nomor baru")


class LostNumberForm(OnwardForm):
    """The selfie itself is taken from the request by the view."""

    nik = StringField("NIK")
    new_number = StringField("Nomor WhatsApp baru")
    # "ya" once its owner was told that the photo is poor
    despite = HiddenField()


class DecisionForm(OnwardForm):
    """An operator's button."""
