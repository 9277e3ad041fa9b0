"""Forms of following."""

from wtforms import HiddenField, StringField

from app.web.forms import TextForm


class FollowForm(TextForm):
    """`to` is where the resident was going: only a name from a list of ours."""

    number = StringField("Nomor pendaftaran")
    pin = StringField("PIN")
    to = HiddenField()
