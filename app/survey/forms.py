"""Forms of the survey. Every mark is a field of its own name: the code of its element."""

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from app.survey.elements import ELEMENTS, MARKS, PROFILE
from app.web.forms import TextForm


class MarksForm(TextForm):
    """The three questions of one screen; `for_elements` makes it."""


class RestForm(TextForm):
    suggestion = TextAreaField("Saran Anda (boleh dikosongkan)")


class PaperForm(RestForm):
    token = HiddenField()
    month = SelectField("Diisi pada bulan", choices=[], validate_choice=False)


class RemarkForm(TextForm):
    remark = StringField("Apa yang sudah dilakukan")


def for_elements(elements) -> type[MarksForm]:
    fields = {one.code: RadioField(one.question, choices=list(zip(MARKS, one.answers, strict=True)),
                                   validate_choice=False) for one in elements}
    return type("PartForm", (MarksForm,), fields)


def _add_profile(form: type[TextForm]) -> None:
    for key, (title, choices) in PROFILE.items():
        setattr(form, key, SelectField(title, choices=[("", "Tidak diisi"), *choices.items()], validate_choice=False))


_add_profile(RestForm)
_add_profile(PaperForm)
for _one in ELEMENTS:
    setattr(PaperForm, _one.code, RadioField(
        _one.question, choices=list(zip(MARKS, _one.answers, strict=True)), validate_choice=False,
    ))
