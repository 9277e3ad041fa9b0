"""Forms of the registers and of the evaluation. The rules live in the services."""

from wtforms import BooleanField, StringField, TextAreaField

from app.evaluation.models import ACTION_STATES, EDUCATION, FACILITIES, KNOWLEDGE
from app.web.forms import ChoiceField, OnwardForm


def _choices(words: dict[str, str], first: str = "") -> list[tuple[str, str]]:
    return [*([("", first)] if first else []), *words.items()]


class CompetenceForm(OnwardForm):
    education = ChoiceField("Pendidikan terakhir", choices=_choices(EDUCATION, "Pilih satu"))
    computer = BooleanField(KNOWLEDGE["computer"])
    procedure = BooleanField(KNOWLEDGE["procedure"])
    communication = BooleanField(KNOWLEDGE["communication"])


class TrainingForm(OnwardForm):
    title = StringField("Nama pelatihan")
    held_on = StringField("Tanggal")
    valid_until = StringField("Berlaku sampai")


class FacilityForm(OnwardForm):
    kind = ChoiceField("Jenis", choices=_choices(FACILITIES, "Pilih satu"))
    name = StringField("Nama")
    place = StringField("Tempat")
    quantity = StringField("Jumlah")
    least = StringField("Paling sedikit")
    valid_until = StringField("Kontrak atau garansi sampai")
    repairer = StringField("Yang memperbaiki")
    retired_on = StringField("Tidak dipakai lagi sejak")


class FaultForm(OnwardForm):
    what = StringField("Apa yang terganggu")
    began_on = StringField("Sejak")
    repairer = StringField("Diperbaiki oleh")
    due_on = StringField("Perkiraan selesai")


class BreachForm(OnwardForm):
    found_at = StringField("Diketahui")
    what = TextAreaField("Apa yang terjadi, tanpa data orang")
    people = StringField("Berapa orang yang terkena")
    told_at = StringField("Diberitahukan")
    action = TextAreaField("Tindakan")


class VersionForm(OnwardForm):
    valid_from = StringField("Berlaku sejak")
    approved_by = StringField("Disetujui oleh")
    document = StringField("Nomor surat keputusan")
    change = TextAreaField("Apa yang berubah")


class YearForm(OnwardForm):
    year = ChoiceField("Tahun")


class ConclusionForm(OnwardForm):
    conclusion = TextAreaField("Kesimpulan")


class FindingForm(OnwardForm):
    letter = ChoiceField("Komponen standar")
    what = TextAreaField("Temuan")
    action = TextAreaField("Tindakan perbaikan")
    owner = StringField("Penanggung jawab")
    due_on = StringField("Paling lambat")


class ActionForm(OnwardForm):
    state = ChoiceField("Status", choices=_choices(ACTION_STATES))
    news = StringField("Kabar")


class SignForm(OnwardForm):
    remark = TextAreaField("Catatan (boleh dikosongkan)")
