"""Forms of the survey. Every mark is a field of its own name: the code of its element."""

from wtforms import HiddenField, StringField, TextAreaField

from app.survey.elements import ELEMENTS, MARKS, PROFILE, Element
from app.web.forms import ChoiceField, TextForm


class MarksForm(TextForm):
    """The three questions of one screen; `for_elements` makes it."""


class RestForm(TextForm):
    suggestion = TextAreaField("Saran Anda (boleh dikosongkan)")


class PaperForm(RestForm):
    token = HiddenField()
    month = ChoiceField("Diisi pada bulan")


class RemarkForm(TextForm):
    remark = StringField("Apa yang sudah dilakukan")


def for_elements(elements) -> type[MarksForm]:
    return type("PartForm", (MarksForm,), {one.code: _marks(one) for one in elements})


def _marks(of: Element) -> ChoiceField:
    return ChoiceField(of.question, choices=list(zip(MARKS, of.answers, strict=True)))


def _add_profile(form: type[TextForm]) -> None:
    for key, (title, choices) in PROFILE.items():
        setattr(form, key, ChoiceField(title, choices=[("", "Tidak diisi"), *choices.items()]))


_add_profile(RestForm)
_add_profile(PaperForm)
for _one in ELEMENTS:
    setattr(PaperForm, _one.code, _marks(_one))
