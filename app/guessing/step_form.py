"""The form of one step more, alike wherever it is asked."""

from wtforms import HiddenField, StringField

from app.web.text_form import TextForm


class StepForm(TextForm):
    """`next` is where the person wanted to go; it is judged when it is used."""

    next = HiddenField()
    code = StringField("Kode")

    def show_errors(self, errors: dict[str, list[str]]) -> None:
        self.code.errors = [*self.code.errors, *errors["code"]]
