"""The forms of the registration; their fields are those of the table."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField, TextAreaField

from app.registration.fields import CHOICE, FIELDS, KEPT, LINES, PASSWORD_INPUT, Field, village_choices
from app.web.forms import ChoiceField, TextForm


def _choice(label: str) -> ChoiceField:
    # what is not offered is the rule's to refuse, beside the field
    return ChoiceField(label, choices=village_choices)


INPUTS = {CHOICE: _choice, LINES: TextAreaField, PASSWORD_INPUT: PasswordField}


def _with(fields: tuple[Field, ...]):
    def add(form: type[TextForm]) -> type[TextForm]:
        for field in fields:
            setattr(form, field.key, INPUTS.get(field.input, StringField)(field.label))
        return form

    return add


class StartForm(TextForm):
    """`fresh` is "ya" for somebody else on this phone, whose owner has a draft in it."""

    notice = BooleanField(
        "Saya sudah membaca ini. Data dan foto yang saya kirim milik saya sendiri dan benar."
    )
    survey = BooleanField("Saya bersedia ditanya pendapat saya setelah selesai (boleh tidak).")
    fresh = HiddenField()


@_with(FIELDS)
class DataForm(TextForm):
    """Rules live in `app/identity`; the service applies them and names the field that is wrong."""

    nik_rechecked = HiddenField()


@_with(KEPT)
class MendForm(TextForm):
    """The fields that may be returned; which of them are shown is the plan's affair."""

    nik_rechecked = HiddenField()


class PhotoForm(TextForm):
    """The file itself is taken from the request by the view: two inputs share the name `photo`."""

    upload_id = HiddenField()


class SendForm(TextForm):
    confirm = HiddenField()
