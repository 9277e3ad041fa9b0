"""Forms of following."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField


class FollowForm(FlaskForm):
    """`to` is where the resident was going: only a name from a list of ours."""

    number = StringField("Nomor pendaftaran")
    pin = StringField("PIN")
    to = HiddenField()


class EmptyForm(FlaskForm):
    """A button, and the token against forged requests."""
