"""Forms of those who oversee. The rules live in the services."""

from wtforms import StringField, TextAreaField

from app.web.forms import OnwardForm


class SignForm(OnwardForm):
    month = StringField("Bulan")
    remark = TextAreaField("Catatan (boleh kosong)")


class NoticeForm(OnwardForm):
    """`begins` and `ends` are local times as a datetime-local input writes them."""

    title = StringField("Apa yang tutup atau terganggu")
    instead = TextAreaField("Yang dapat dilakukan warga")
    begins = StringField("Mulai (kosong: sekarang)")
    ends = StringField("Sampai")
