"""Who may enter. Every route carries exactly one of these markers, open ones too; the gate refuses
whatever carries none, so that a forgotten marker closes a page instead of opening it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Flask, abort, current_app
from flask.globals import request_ctx
from flask_login import current_user

from app.base import ids, journal
from app.web.access_log import asked
from app.web.jabatan import JABATAN, JABATAN_RIGHTS, JABATAN_WORDS, KEPALA_BIDANG, LEFT_TO_OTHERS

OFFICE = "/petugas"  # every page of the office lies under it
PETUGAS, OPERATOR, SUPERVISOR, ADMIN = "petugas", "operator", "supervisor", "admin"
# role -> how it is called on screen
ROLE_WORDS: dict[str, str] = {
    PETUGAS: "Petugas pelayanan", OPERATOR: "Operator", SUPERVISOR: "Pengawas", ADMIN: "Admin",
}
ROLES = tuple(ROLE_WORDS)
# The table of rights: permission -> roles that hold it (standar pelayanan H and L).
PERMISSIONS: dict[str, frozenset[str]] = {
    "staff_home": frozenset(ROLES),
    "read_case": frozenset({"petugas", "operator", "supervisor"}),
    "declare_complete": frozenset({"petugas", "operator"}),
    "return": frozenset({"petugas", "operator"}),
    "decide": frozenset({"operator"}),
    "take_case": frozenset({"petugas", "operator"}),
    "take_over": frozenset({"supervisor"}),
    "settle_doubles": frozenset({"petugas", "operator"}),
    "open_one_person_day": frozenset({"supervisor"}),
    "handle_guarantees": frozenset({"petugas", "operator", "supervisor"}),
    "carry_letters": frozenset({"petugas", "operator"}),
    "record_outages": frozenset({"petugas", "operator", "supervisor"}),
    "file_at_counter": frozenset({"petugas", "operator"}),
    "read_complaints": frozenset({"petugas", "operator", "supervisor"}),
    "handle_complaints": frozenset({"petugas", "operator", "supervisor"}),
    "oversee_complaints": frozenset({"supervisor"}),
    "stand_in_for_supervisor": frozenset({"operator"}),
    "export_complaints": frozenset({"supervisor"}),
    "decide_request": frozenset({"operator"}),
    "confirm_request": frozenset({"operator", "supervisor"}),
    "answer_rights": frozenset({"operator", "supervisor"}),
    "see_channel": frozenset(ROLES),
    "read_messages": frozenset({"petugas", "operator", "supervisor"}),
    "tell_applicant": frozenset({"petugas", "operator", "supervisor"}),
    "manage_channel": frozenset({"supervisor", "admin"}),
    "enter_paper_survey": frozenset({"petugas", "operator", "supervisor"}),
    "read_survey": frozenset({"supervisor"}),
    "answer_survey": frozenset({"supervisor"}),
    "keep_registers": frozenset({"supervisor", "admin"}),
    "keep_standard": frozenset({"supervisor", "admin"}),
    "read_evaluation": frozenset({"supervisor"}),
    "prepare_evaluation": frozenset({"supervisor"}),
    "sign_evaluation": frozenset({"supervisor"}),
    "download_data": frozenset({"supervisor"}),
    "read_journal": frozenset({"supervisor"}),
    "read_figures": frozenset({"supervisor"}),
    "manage_staff": frozenset({"admin"}),
    "approve_accounts": frozenset({"supervisor"}),
    "manage_calendar": frozenset({"admin"}),
    "manage_reasons": frozenset({"admin"}),
    "see_installation": frozenset({"admin"}),
    "see_summary": frozenset({"supervisor"}),
    "see_workload": frozenset({"supervisor"}),
    "see_field": frozenset({"supervisor"}),
    "see_analysis": frozenset({"supervisor"}),
    "see_operations": frozenset({"supervisor", "admin"}),
    "sign_month": frozenset({"supervisor"}),
    "manage_notices": frozenset({"supervisor", "admin"}),
}

# The same in words, for the page that shows the table; a test keeps both lists alike.
PERMISSION_WORDS: dict[str, str] = {
    "staff_home": "Masuk ke meja petugas",
    "read_case": "Membuka berkas pendaftaran dan fotonya",
    "declare_complete": "Menyatakan berkas lengkap",
    "return": "Mengembalikan berkas untuk diperbaiki",
    "decide": "Menyetujui atau menolak pendaftaran",
    "take_case": "Memegang dan memeriksa berkas",
    "take_over": "Mengambil alih berkas yang dipegang petugas lain",
    "settle_doubles": "Menyatakan dua pendaftaran bukan ganda",
    "open_one_person_day": "Membuka hari dengan satu orang",
    "handle_guarantees": "Menangani jaminan layanan, mencetak suratnya, dan menyerahkannya kepada kurir",
    "carry_letters": "Mengantar surat dan mencatat buktinya",
    "record_outages": "Mencatat gangguan SIAK",
    "file_at_counter": "Mendaftarkan warga di meja layanan, dan memberi PIN baru",
    "read_complaints": "Membaca pengaduan",
    "handle_complaints": "Menangani dan menjawab pengaduan",
    "oversee_complaints": "Mengawasi penanganan pengaduan",
    "stand_in_for_supervisor": "Mengawasi pengaduan tentang satu-satunya pengawas",
    "export_complaints": "Mengunduh daftar pengaduan",
    "decide_request": "Memeriksa permintaan ganti nomor dan mengajukan penggantian",
    "confirm_request": "Memastikan penggantian nomor yang diajukan orang lain",
    "answer_rights": "Menjawab permintaan hak atas data pribadi",
    "see_channel": "Melihat status saluran WhatsApp",
    "read_messages": "Membaca pesan WhatsApp yang keluar dan masuk",
    "tell_applicant": "Menelepon pemohon dan mengirim ulang pesan",
    "manage_channel": "Mencoba lagi saluran WhatsApp yang berhenti",
    "enter_paper_survey": "Mencatat lembar survei kertas",
    "read_survey": "Melihat hasil survei kepuasan",
    "keep_registers": "Mencatat kompetensi, sarana, dan kegagalan pelindungan data",
    "keep_standard": "Mencatat versi standar pelayanan",
    "read_evaluation": "Membaca evaluasi tahunan",
    "prepare_evaluation": "Menyusun evaluasi tahunan",
    "sign_evaluation": "Menandatangani evaluasi tahunan",
    "download_data": "Mengunduh data tanpa data pribadi",
    "answer_survey": "Membaca saran dalam survei dan menanggapi yang perlu dilihat",
    "read_journal": "Membaca jurnal",
    "read_figures": "Melihat angka pendaftaran",
    "manage_staff": "Mengelola akun pegawai",
    "approve_accounts": "Menyetujui kata sandi pegawai dibuat ulang, dan pengawas baru",
    "manage_calendar": "Mengubah kalender kantor",
    "manage_reasons": "Mengubah alasan pengembalian dan penolakan",
    "see_installation": "Melihat hasil pemeriksaan sistem",
    "see_summary": "Melihat ringkasan Kepala Dinas",
    "see_workload": "Melihat beban kerja kantor",
    "see_field": "Melihat halaman bidang: terlambat, sengketa, jaminan",
    "see_analysis": "Melihat analisis pengembalian dan formulir",
    "see_operations": "Melihat status pesan, pekerja latar, dan penyimpanan",
    "sign_month": "Menyatakan satu bulan sudah diperiksa",
    "manage_notices": "Memasang pengumuman kantor",
}


# whose uploads count against their network address; staff and signed calls do not
PAY_FOR_STORAGE = frozenset(("public", "draft_holder", "follower", "citizen"))


@dataclass(frozen=True)
class Access:
    """`kind` names the gate that decides; `permission` is set for staff only."""

    kind: str
    permission: str | None = None


View = Callable[..., Any]
_gates: dict[str, Callable[[Access], Any]] = {}


def public(view: View) -> View:
    """Anybody. Said out loud, so that open pages are open on purpose."""
    return _mark(view, Access("public"))


def draft_holder(view: View) -> View:
    """Whoever holds the cookie of a registration in progress."""
    return _mark(view, Access("draft_holder"))


def follower(view: View) -> View:
    """Whoever proved number and PIN of one registration, or came by a link we sent about it."""
    return _mark(view, Access("follower"))


def citizen(view: View) -> View:
    """A resident signed in with NIK and password."""
    return _mark(view, Access("citizen"))


def staff_arriving(view: View) -> View:
    """Staff whose password was right, on the way through what is still due: code, own password."""
    return _mark(view, Access("staff_arriving"))


def webhook(view: View) -> View:
    """A machine that signs its calls; the view verifies the signature itself and fails closed."""
    return _mark(view, Access("webhook"))


def staff(permission: str) -> Callable[[View], View]:
    """A signed-in member of staff whose role or jabatan holds `permission`."""
    if permission not in PERMISSIONS:
        raise ValueError(f"unknown permission {permission!r}: add it to access.PERMISSIONS")
    return lambda view: _mark(view, Access("staff", permission))


def polling(view: View) -> View:
    """Beside an access marker: the page calls this by itself, so it is no sign of a person at work
    and does not prolong the session (docs/security.md S4)."""
    view.polling = True
    return view


def while_locked(view: View) -> View:
    """Beside an access marker: works although the screen is locked, because it unlocks or asks."""
    view.while_locked = True
    return view


def needs_proof(view: View) -> View:
    """Beside an access marker: the password is asked again unless it was typed in the last ten
    minutes (docs/security.md A12)."""
    view.needs_proof = True
    return view


class Officer(Protocol):
    """A row of `staff`, or whoever is signed in. `jabatan` is one of JABATAN, or empty."""

    role: str
    jabatan: str


def who_asks() -> Any:
    """Whoever is signed in, for who looks at them often: each look at current_user asks Flask four times who it is."""
    return current_user._get_current_object()


def place_words(person: Officer) -> str:
    """How this person is called on screen: the jabatan, and the role where it says something of its own."""
    words = [JABATAN_WORDS[person.jabatan]] if person.jabatan else []
    return ", ".join(words if words and person.role == SUPERVISOR else [*words, ROLE_WORDS[person.role]])


def holds(person: Officer, permission: str) -> bool:
    return is_held_by(person.role, person.jabatan, permission)


def is_held_by(role: str, jabatan: str, permission: str) -> bool:
    """The same for a role and jabatan that nobody has yet."""
    if jabatan == KEPALA_BIDANG:
        return role in PERMISSIONS[permission] and permission not in LEFT_TO_OTHERS
    if jabatan and (role == SUPERVISOR or permission in JABATAN_RIGHTS[jabatan]):
        return permission in JABATAN_RIGHTS[jabatan]
    return role in PERMISSIONS[permission]


def holders_of(permission: str) -> list[tuple[str, str]]:
    """The pairs of role and jabatan that hold it, for a query (`Staff.who_may`)."""
    return [
        (role, jabatan) for role in ROLES for jabatan in ("", *JABATAN) if is_held_by(role, jabatan, permission)
    ]


def is_overseer(role: str) -> bool:
    """Whether another supervisor has to agree before somebody gets this role."""
    return role == SUPERVISOR


def gains(before: Officer, role: str, jabatan: str) -> bool:
    """Whether this person would become a supervisor, or one with more rights: another supervisor agrees first."""
    more = any(is_held_by(role, jabatan, name) and not holds(before, name) for name in PERMISSIONS)
    return is_overseer(role) and (more or not is_overseer(before.role))


def gate(kind: str) -> Callable[[Callable[[Access], Any]], Callable[[Access], Any]]:
    """Register the function that decides for one kind: it returns None to let in, or an answer."""

    def register(function):
        _gates[kind] = function
        return function

    return register


def init_access(app: Flask) -> None:
    app.before_request(_guard)
    app.teardown_request(_forget_visitor)


def _mark(view: View, access: Access) -> View:
    if hasattr(view, "access"):
        raise ValueError(f"{view.__name__} carries two access markers")
    view.access = access
    return view


def _forget_visitor(_error: BaseException | None) -> None:
    journal.device.set("")
    journal.address.set("")


def _guard():
    request, told = request_ctx.request, asked()
    journal.device.set(told.device)
    journal.address.set(told.address)
    ids.payer.set("")
    if request.endpoint is None:
        return None  # no such page: 404 or 405 follows
    access = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access is None:
        abort(403)
    if access.kind in PAY_FOR_STORAGE:
        ids.payer.set(request.remote_addr or "")
    if access.kind in ("public", "webhook"):
        return None
    return _gates[access.kind](access)
