"""Forms of the rights over personal data."""

from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField

from app.privacy.kinds import KINDS
from app.registration.fields import CORRECTABLE
from app.web.forms import OnwardForm


class AskForm(OnwardForm):
    """`field` and `value` count for a correction only."""

    kind = SelectField("Apa yang Anda minta?", choices=[], validate_choice=False)
    field = SelectField(
        "Isian yang perlu diperbaiki", choices=[("", "Pilih"), *CORRECTABLE.items()], validate_choice=False,
    )
    value = StringField("Yang benar")
    text = TextAreaField("Penjelasan")

    def offer(self, kinds: tuple[str, ...]) -> None:
        self.kind.choices = [("", "Pilih"), *((kind, KINDS[kind].label) for kind in kinds)]


class CopyForm(OnwardForm):
    password = PasswordField("Kata sandi")


class AnswerForm(OnwardForm):
    """Granting: what the resident reads. `sure` counts for a deletion only."""

    answer = TextAreaField("Jawaban untuk pemohon")
    sure = BooleanField("Saya sudah memastikan bahwa pemilik data sendiri yang meminta.")


class RefuseForm(OnwardForm):
    """Refusing: a ground of the list, and what is to be added to its words."""

    ground = RadioField("Dasar penolakan", choices=[], validate_choice=False)
    note = TextAreaField("Tambahan untuk pemohon, jika perlu")
