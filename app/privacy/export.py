"""A copy of everything about one resident: readable data, and the photos that still exist
(UU 27/2022 art. 7; the trace of processing, art. 32)."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.models import Citizen
from app.base.database import db
from app.base.journal_line import JournalLine
from app.base.problems import PhotoMissing
from app.base.sealing import SealBroken
from app.citizen_account.models import APPROVED, OPEN, REFUSED, AccountRequest
from app.city.dates import show_moment
from app.messages import states
from app.messages.catalogue import title_of
from app.messages.models import OutboxMessage
from app.messages.outbox import messages_about
from app.privacy.kinds import KINDS, label_of
from app.privacy.models import RightsRequest, answer_of, asked_of
from app.registration.fields import shown
from app.registration.models import Application, Photo, StatusChange
from app.registration.personal import open_citizen, open_personal
from app.registration.photo_service import read_photo
from app.registration.reasons import ITEMS
from app.tracking.words import ACTS

ACTORS = {"citizen": "Anda, atau orang yang memakai nomor dan PIN Anda", "staff": "Petugas", "system": "Sistem"}
ANSWERS = {OPEN: "menunggu", APPROVED: "disetujui", REFUSED: "ditolak"}
PROCESSING: dict[str, str] = {
    "notice_accepted": "Pemberitahuan pelindungan data dibaca", "case_viewed": "Berkas dibuka",
    "photo_viewed": "Foto dibuka", "account_created": "Akun dibuat", "login_ok": "Masuk", "logout": "Keluar",
    "login_failed": "Percobaan masuk gagal", "tracking_opened": "Halaman lacak dibuka",
    "own_data_viewed": "Data lengkap dibuka", "own_data_downloaded": "Salinan data diambil",
    "step_code_sent": "Kode untuk HP atau komputer baru dikirim", "owner_told": "Diberi tahu tentang percobaan masuk",
    "number_changed": "Nomor WhatsApp diganti", "password_changed": "Kata sandi diganti",
    "password_reset": "Kata sandi dibuat ulang", "photos_erased": "Foto dihapus sesuai masa simpan",
    "data_corrected": "Data diperbaiki", "rights_asked": "Permintaan hak atas data dikirim",
    "rights_viewed": "Permintaan hak atas data dibuka", "rights_granted": "Permintaan hak atas data dipenuhi",
    "rights_refused": "Permintaan hak atas data tidak dapat dipenuhi",
    "rights_stopped": "Permintaan penghapusan dihentikan", "application_mended": "Perbaikan disimpan",
    "application_corrected": "Isian diubah sebelum diperiksa",
    "draft_moved": "Isian pindah ke HP lain", "number_change_asked": "Kode ganti nomor diminta",
    "logout_everywhere": "Keluar dari semua HP dan komputer", "number_request_made": "Nomor baru diminta dengan selfie",
    "account_request_viewed": "Permintaan nomor baru dibuka",
    **{f"account_request_{status}": f"Permintaan nomor baru {words}" for status, words in ANSWERS.items()},
    **{f"application_{act}": words for act, words in ACTS.items()},
}
MOST_LINES = 1000


@dataclass(frozen=True)
class Copy:
    """`data` maps headings to a mapping or to a list of mappings of plain values; `photos` file names to JPEG."""

    data: dict = field(repr=False)
    photos: dict[str, bytes] = field(repr=False)


def copy_of(citizen: Citizen) -> Copy:
    application = db.session.get_one(Application, citizen.application_id)
    requests = list(db.session.scalars(
        select(RightsRequest).where(RightsRequest.application_id == application.id).order_by(RightsRequest.opened_at)
    ))
    numbers = list(db.session.scalars(
        select(AccountRequest).where(AccountRequest.citizen_id == citizen.id).order_by(AccountRequest.created_at)
    ))
    photos = list(db.session.scalars(
        select(Photo).where(Photo.application_id == application.id).order_by(Photo.created_at, Photo.id)
    ))
    opened, lost = _opened(photos)
    data = {
        "Akun": {**shown(open_citizen(citizen)), "Aktif sejak": show_moment(citizen.created_at)},
        "Pendaftaran": _registration(application),
        "Riwayat pendaftaran": [_change(change) for change in application.changes],
        "Foto": [_photo(photo, lost) for photo in photos],
        "Pesan WhatsApp dari kami": _messages(application, citizen),
        "Permintaan Anda": [_request(row) for row in requests],
        "Permintaan nomor baru dengan selfie": [_number_request(row) for row in numbers],
        "Siapa membuka data Anda dan kapan": _processing(
            [row.id for row in (application, citizen, *requests, *numbers)]
        ),
    }
    return Copy(data, opened)


def _opened(photos: list[Photo]) -> tuple[dict[str, bytes], set[str]]:
    """File name -> JPEG of what is kept, and ids of photos that no longer open: one of them must not
    keep the rest of the data from its owner."""
    found, lost = {}, set()
    for number, photo in enumerate(photos, 1):
        if photo.erased_at is not None:
            continue
        try:
            found[_file_name(photo, number)] = read_photo(photo)
        except (PhotoMissing, SealBroken):
            lost.add(photo.id)
    return found, lost


def zip_of(copy: Copy, page: str) -> bytes:
    """A ZIP with `data-saya.json`, the same as a page to read, and the photos."""
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data-saya.json", json.dumps(copy.data, ensure_ascii=False, indent=2))
        archive.writestr("data-saya.html", page)
        for name, jpeg in copy.photos.items():
            archive.writestr(name, jpeg)
    return box.getvalue()


def _registration(application: Application) -> dict[str, str]:
    return {
        "Nomor": application.number or "", **shown(open_personal(application)),
        "Bersedia disurvei": "ya" if application.survey_consent else "tidak",
        "Pemberitahuan yang dibaca":
            f"versi {application.notice_version}, {show_moment(application.notice_accepted_at)}",
    }


def _change(change: StatusChange) -> dict[str, str]:
    return {"Kapan": show_moment(change.at), "Apa": ACTS.get(change.act, "Status berubah")}


def _photo(photo: Photo, lost: set[str]) -> dict[str, str]:
    state = f"dihapus {show_moment(photo.erased_at)}" if photo.erased_at else "disimpan"
    if photo.id in lost:
        state = "rusak atau hilang di tempat kami, tidak dapat dibuka lagi"
    return {"Apa": ITEMS[photo.kind], "Dikirim": show_moment(photo.created_at), "Status": state}


def _messages(application: Application, citizen: Citizen) -> list[dict[str, str]]:
    rows = [*messages_about("application", application.id), *messages_about("citizen", citizen.id)]
    return [_message(row) for row in sorted(rows, key=lambda row: row.created_at)]


def _message(row: OutboxMessage) -> dict[str, str]:
    state = states.label_of(row.channel, row.state).citizen
    return {"Kapan": show_moment(row.created_at), "Apa": title_of(row.template), "Status": state}


def _request(row: RightsRequest) -> dict[str, str]:
    return {
        "Kapan": show_moment(row.opened_at), "Apa": KINDS[row.kind].label, "Isi": asked_of(row).text,
        "Status": label_of(row.status, row.ground)[0], "Jawaban": answer_of(row),
    }


def _number_request(row: AccountRequest) -> dict[str, str]:
    """Without the selfie: anybody may have sent it, and it may show a stranger."""
    return {"Kapan": show_moment(row.created_at), "Status": ANSWERS[row.status]}


def _processing(ids: Sequence[str]) -> list[dict[str, str]]:
    """When, what, and what kind of person; never who by name. The newest lines, oldest first."""
    query = select(JournalLine).where(or_(JournalLine.about_id.in_(ids), JournalLine.actor_id.in_(ids)))
    lines = list(db.session.scalars(query.order_by(JournalLine.seq.desc()).limit(MOST_LINES)))
    return [_line(line.at, line.action, line.actor_kind) for line in reversed(lines)]


def _line(at: datetime, action: str, actor_kind: str) -> dict[str, str]:
    return {"Kapan": show_moment(at), "Apa": PROCESSING.get(action, "Pemrosesan lain"), "Oleh": ACTORS[actor_kind]}


def _file_name(photo: Photo, number: int) -> str:
    return f"foto-{number}-{photo.kind}.jpg"
