"""The base of all forms: fields are text."""

from flask import request
from flask_wtf import FlaskForm


class TextForm(FlaskForm):
    """A field sent as a file, or in a JSON body, counts as missing.

    Flask-WTF would mix files and JSON values into the fields, and a rule for text would then meet
    something else. Files are taken from the request by the views.
    """

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form, formdata):
            found = super().wrap_formdata(form, formdata)
            return found if found is None or found is formdata else request.form
