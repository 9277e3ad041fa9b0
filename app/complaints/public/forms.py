"""Forms of the complaint pages. The rules live in `validation`; a form only carries what was typed."""

from wtforms import BooleanField, HiddenField, StringField, TextAreaField

from app.complaints.ticket.words import BY_EMAIL, BY_PAGE, BY_WHATSAPP, CATEGORIES, COMPLAINT, KINDS, OTHER
from app.web.forms import TextForm


class ChoiceField(StringField):
    """One of some values; which ones is shown from here and judged in `validation`."""

    def __init__(self, label: str, choices: list[tuple[str, str]], **kwargs):
        super().__init__(label, **kwargs)
        self.choices = choices


class ComplaintForm(TextForm):
    """`submission_id` is made with the page: the same form sent twice makes one ticket. `about` is the number of the
    registration whose page led here."""

    submission_id = HiddenField()
    about = HiddenField()
    kind = ChoiceField("Apa yang ingin Anda sampaikan?", choices=list(KINDS.items()), default=COMPLAINT)
    category = ChoiceField("Tentang apa?", choices=[("", "Pilih satu"), *CATEGORIES.items()], default="")
    text = TextAreaField("Apa yang terjadi?")
    happened_on = StringField("Kapan terjadi?")
    place = StringField("Di mana?")
    name = StringField("Nama Anda")
    answer_by = ChoiceField("Ke mana jawaban kami kirim?", default=BY_WHATSAPP, choices=[
        (BY_WHATSAPP, "WhatsApp"), (BY_EMAIL, "E-mail"), (BY_PAGE, "Saya lihat sendiri dengan nomor dan PIN"),
    ])
    whatsapp_number = StringField("Nomor WhatsApp")
    email = StringField("Alamat e-mail")
    anonymous = BooleanField("Sembunyikan nama saya (anonim)")
    secret = BooleanField("Jangan tampilkan kepada umum (rahasia)")
    survey = BooleanField("Bersedia disurvei")


class TrackForm(TextForm):
    number = StringField("Nomor pengaduan")
    pin = StringField("PIN")


class ReplyForm(TextForm):
    reply = TextAreaField("Tulis balasan Anda")


class RatingForm(TextForm):
    rating = ChoiceField("Seberapa puas Anda?", choices=[
        ("5", "5 - sangat puas"), ("4", "4 - puas"), ("3", "3 - cukup"), ("2", "2 - kurang puas"),
        ("1", "1 - tidak puas"),
    ])
    sentence = TextAreaField("Ceritakan singkat (boleh dikosongkan)")


class EntryForm(TextForm):
    """The thirty-second entry; its order is the order of the Tab key."""

    submission_id = HiddenField()
    channel = ChoiceField("Dari", choices=[])
    received_at = StringField("Kapan disampaikan")
    text = TextAreaField("Apa yang disampaikan")
    name = StringField("Nama pelapor")
    contact = StringField("HP atau e-mail pelapor")
    outside_reference = StringField("Nomor di luar (misalnya LAPOR!)")
    kind = ChoiceField("Jenis", choices=list(KINDS.items()), default=COMPLAINT)
    category = ChoiceField("Kategori", choices=list(CATEGORIES.items()), default=OTHER)
    anonymous = BooleanField("Anonim")
    secret = BooleanField("Rahasia")
    about_staff = BooleanField("Tentang petugas (hanya pengawas yang membuka)")
    about_staff_id = ChoiceField("Petugas yang diadukan", choices=[])
