"""The forms of the registration, with the labels and the order of the public standard (B)."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField, TextAreaField

from app.web.forms import TextForm


class StartForm(TextForm):
    """`fresh` is "ya" for somebody else on this phone, whose owner has a draft in it."""

    notice = BooleanField(
        "Saya sudah membaca pemberitahuan ini dan menyatakan data serta foto yang saya kirim "
        "adalah milik saya sendiri dan benar."
    )
    survey = BooleanField("Saya bersedia dihubungi untuk survei kepuasan.")
    fresh = HiddenField()


class DataForm(TextForm):
    """Rules live in `app/identity`; the service applies them and names the field that is wrong."""

    nik = StringField("NIK")
    full_name = StringField("Nama Lengkap")
    whatsapp_number = StringField("Nomor WhatsApp")
    kk_number = StringField("Nomor KK")
    new_password = PasswordField("Password Baru")
    address = TextAreaField("Alamat")
    nik_rechecked = HiddenField()

    def show_errors(self, errors: dict[str, list[str]]) -> None:
        super().show_errors(errors)
        if self.new_password.data and not self.new_password.errors:
            # a good one, but a page never gives it back: without a word it would be missed next
            self.new_password.errors = ["Ketik lagi kata sandi Anda. Demi keamanan, isian ini dikosongkan."]


class MendForm(TextForm):
    """The fields that may be returned; which of them are shown is the plan's affair."""

    nik = StringField("NIK")
    full_name = StringField("Nama Lengkap")
    whatsapp_number = StringField("Nomor WhatsApp")
    kk_number = StringField("Nomor KK")
    address = TextAreaField("Alamat")
    nik_rechecked = HiddenField()


class PhotoForm(TextForm):
    """The file itself is taken from the request by the view: two inputs share the name `photo`."""

    upload_id = HiddenField()


class SendForm(TextForm):
    confirm = HiddenField()
