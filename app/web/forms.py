"""What all forms have in common: fields are text, each is sent once, errors stand beside their field."""

from collections.abc import Callable, Mapping, Sequence

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from app.base.problems import FormRejected

Choices = Sequence[tuple[str, str]]  # the value and its words
TWICE = "Isian ini terkirim dua kali. Isi sekali saja."


class TextForm(FlaskForm):
    """A field sent as a file, or in a JSON body, counts as missing.

    Flask-WTF would mix files and JSON values into the fields, and a rule for text would then meet
    something else. Files are taken from the request by the views.
    """

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form, formdata):
            found = super().wrap_formdata(form, formdata)
            return found if found is None or found is formdata else request.form

    def show_errors(self, errors: Mapping[str, Sequence[str]]) -> None:
        """What a service found wrong; a name that is no field of this form stands above all of them."""
        for name, sentences in errors.items():
            if name in self:
                self[name].errors = [*self[name].errors, *sentences]
            else:
                self.form_errors.extend(sentences)

    def single_values(self) -> dict[str, str]:
        """Each field once, as text: a repeated field is refused, never silently halved. Raises FormRejected."""
        twice = {name: [TWICE] for name in self.data if name != "csrf_token" and len(request.form.getlist(name)) > 1}
        if twice:
            raise FormRejected(twice)
        return {name: value if isinstance(value, str) else "" for name, value in self.data.items()}


class ChoiceField(StringField):
    """One of some values. Which ones is shown from here, by a template; what is none of them a rule refuses."""

    def __init__(self, label: str, choices: Choices | Callable[[], Choices] = (), **kwargs):
        super().__init__(label, **kwargs)
        self.choices = choices() if callable(choices) else choices


class EmptyForm(TextForm):
    """A button, and the token against forged requests."""


class OnwardForm(TextForm):
    """`next` is where the person wanted to go; it is judged when it is used (`safe_next`)."""

    next = HiddenField()


class CodeForm(OnwardForm):
    """A code from a message or an app, alike wherever one is asked for."""

    code = StringField("Kode")

    def __init__(self, *args, label: str = "Kode", **kwargs):
        super().__init__(*args, **kwargs)
        self.code.label.text = label
