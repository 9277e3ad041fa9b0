"""Every move a case can make, as the standard asks for it: from where, by which act, to where, by whom, and whether it
may be taken back within the minute. Whatever does not stand here is refused. And how each state is said."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from app.base import clock
from app.base.problems import StaleDecision
from app.base.services import city
from app.casework.kinds import DONE, NEW, OUTSIDE, WORK
from app.city.office_calendar import calendar_for
from app.complaints.ticket import status as of_complaints
from app.complaints.ticket.status import TICKET
from app.complaints.ticket.words import INFORMATION, NOT_A_CASE
from app.messages import states
from app.messages.addresses import CALL, EMAIL, LETTER, VISIT, WHATSAPP
from app.registration.status import OPEN, PROMISE, REGISTRATION, TARGET, WAITING, spans_among

MOVES = {
    REGISTRATION.name: """
        draft       submit            submitted    visitor
        submitted   declare_complete  complete     declare_complete    undo
        submitted   reject            rejected     decide              undo
        submitted   return            returned     return              undo
        submitted   withdraw          withdrawn    visitor
        complete    approve           active       decide              undo
        complete    reject            rejected     decide              undo
        complete    return            returned     decide              undo
        complete    withdraw          withdrawn    visitor
        complete    take_back_early   submitted    take_case
        returned    resubmit          submitted    visitor
        returned    expire            expired      system
        returned    withdraw          withdrawn    visitor
        returned    take_back         complete     take_case
        returned    take_back_early   submitted    take_case
        active      take_back         complete     take_case
        rejected    take_back         complete     take_case
        rejected    take_back_early   submitted    take_case
    """,
    TICKET.name: """
        new         verify            verified     handle_complaints
        new         answer            answered     handle_complaints   undo
        new         merge             merged       handle_complaints
        new         dismiss           closed       handle_complaints   undo
        verified    follow_up         in_progress  handle_complaints
        verified    answer            answered     handle_complaints   undo
        verified    merge             merged       handle_complaints
        verified    dismiss           closed       handle_complaints   undo
        in_progress answer            answered     handle_complaints   undo
        in_progress merge             merged       handle_complaints
        in_progress dismiss           closed       handle_complaints   undo
        in_progress settle            closed       handle_complaints
        in_progress reach             answered     system
        answered    answer            answered     handle_complaints   undo
        answered    merge             merged       handle_complaints
        answered    open_again        in_progress  handle_complaints
        answered    take_up           in_progress  handle_complaints
        answered    lose              in_progress  system
        answered    close             closed       system
        answered    confirm           closed       visitor
        answered    reply             in_progress  visitor
        answered    reopen            in_progress  oversee_complaints
        closed      open_again        in_progress  handle_complaints
        closed      take_up           in_progress  handle_complaints
        closed      reply             in_progress  visitor
        closed      reopen            in_progress  oversee_complaints
    """,
}
# state -> list it stands in, what the resident reads, what the office reads, which clock runs, whether its end stays
STATES = {
    REGISTRATION.name: {
        "draft": ("", "Belum dikirim", "Belum dikirim", None, False),
        "submitted": (NEW, "Menunggu pemeriksaan", "Baru", TARGET, False),
        "complete": (
            WORK, "Data dan foto lengkap, menunggu keputusan", "Lengkap, menunggu keputusan", PROMISE, False,
        ),
        "returned": (OUTSIDE, "Perlu Anda perbaiki", "Menunggu pemohon", None, False),
        "active": (DONE, "Akun aktif", "Disetujui", None, True),
        "rejected": (DONE, "Tidak disetujui", "Ditolak", None, True),
        "expired": (DONE, "Berakhir karena tidak diperbaiki", "Berakhir", None, False),
        "withdrawn": (DONE, "Dibatalkan", "Dibatalkan pemohon", None, False),
    },
    TICKET.name: {
        "new": (NEW, "Diterima, menunggu diperiksa", "Baru", of_complaints.VERIFY, False),
        "verified": (WORK, "Sudah diperiksa dan diteruskan", "Diperiksa", of_complaints.FOLLOW_UP, False),
        "in_progress": (WORK, "Sedang ditindaklanjuti", "Ditindaklanjuti", of_complaints.PROMISE, False),
        "answered": (OUTSIDE, "Sudah dijawab", "Sudah dijawab", of_complaints.SILENCE, False),
        "closed": (DONE, "Selesai", "Selesai", of_complaints.ENDED, False),
        "merged": (DONE, "Digabung dengan pengaduan lain", "Digabung", of_complaints.ENDED, False),
    },
}
KINDS = pytest.mark.parametrize("kind", [REGISTRATION, TICKET], ids=lambda kind: kind.name)


@KINDS
def test_a_case_moves_as_the_table_says_and_in_no_other_way(kind):
    table = {(start, act): (end, by, bool(undo)) for start, act, end, by, *undo in
             map(str.split, MOVES[kind.name].strip().splitlines())}
    for start in STATES[kind.name]:
        for name in {act for _, act in table} | {act.name for act in kind.acts}:
            if (start, name) not in table:
                with pytest.raises(StaleDecision):
                    kind.next_state(name, start)
                assert not kind.open_to(name, start, lambda permission: True), (start, name)
                continue
            end, by, undo = table[start, name]
            act = kind.act(name, start)
            assert (kind.next_state(name, start), act.by, act.undo) == (end, by, undo), (start, name)
            assert kind.open_to(name, start, {by}.__contains__)
            assert not kind.open_to(name, start, {"read_case", "admin"}.__contains__)


@KINDS
def test_each_state_stands_in_its_list_and_is_said_in_its_words(kind):
    assert {
        name: (state.tray, state.label.citizen, state.label.office, state.clock, state.keeps_due)
        for name, state in kind.states.items()
    } == STATES[kind.name]


def test_what_counts_as_open_is_what_is_not_over():
    assert OPEN == ("submitted", "complete", "returned") and WAITING == ("submitted", "complete")
    assert of_complaints.LIVE == ("new", "verified", "in_progress", "answered")
    assert of_complaints.WAITING_FOR_US == ("new", "verified", "in_progress")
    assert set(TICKET.marks) == {"warned_at", "escalated_at"}, "a new end forgets of whom was warned"


def test_a_registration_lies_with_its_resident_from_each_return_to_the_sending_that_answers_it(time):
    at = [clock.now() + timedelta(hours=hour) for hour in range(8)]
    assert spans_among([
        ("a", "return", at[0]), ("b", "submit", at[1]), ("b", "return", at[1]), ("a", "resubmit", at[2]),
        ("c", "return", at[2]), ("c", "take_back", at[3]), ("c", "resubmit", at[4]),
        ("a", "declare_complete", at[4]), ("a", "return", at[5]), ("a", "resubmit", at[6]),
        ("d", "return", at[3]), ("d", "take_back_early", at[4]), ("d", "resubmit", at[5]),
        ("e", "resubmit", at[5]), ("e", "approve", at[6]), ("b", "approve", at[7]),
    ]) == {"a": ((at[0], at[2]), (at[5], at[6])), "b": ((at[1], clock.now()),)}


@pytest.mark.parametrize(("first_answered_at", "outcome", "said"), [
    (None, None, "Ditutup"), (None, NOT_A_CASE, "Ditutup tanpa jawaban"), (datetime.max, None, "Selesai"),
    (datetime.max, NOT_A_CASE, "Ditutup"),
])
def test_only_a_complaint_that_was_answered_and_not_dismissed_is_finished(first_answered_at, outcome, said):
    ticket = SimpleNamespace(status="closed", first_answered_at=first_answered_at, outcome=outcome)
    assert of_complaints.label_of(ticket).citizen == of_complaints.label_of(ticket).office == said
    ticket.status = "in_progress"
    assert of_complaints.label_of(ticket).citizen == "Sedang ditindaklanjuti"


@pytest.mark.parametrize(("is_late", "examined", "kind", "days"), [
    (False, False, "x", "ordinary"), (False, False, INFORMATION, "information"), (False, True, "x", "examination"),
    (False, True, INFORMATION, "examination"), (True, True, INFORMATION, "lateness"), (True, False, "x", "lateness"),
])
def test_a_complaint_has_the_days_of_its_kind(app_context, is_late, examined, kind, days):
    ticket = SimpleNamespace(lateness=is_late, needs_examination=examined, kind=kind)
    assert of_complaints.days_to_resolve(ticket) == getattr(city().complaint_days, days)


def test_days_count_from_the_reopening_and_a_closed_complaint_ended_when_it_was_closed(app_context, time):
    monday = clock.now()
    time.moves(days=7)
    ticket = SimpleNamespace(received_at=monday, reopened_at=None, closed_at=monday, status="closed")
    assert of_complaints.counted_from(ticket) == monday
    ticket.reopened_at = clock.now()
    assert of_complaints.counted_from(ticket) == clock.now()
    ended = of_complaints.ENDED.due(calendar_for(), ticket)
    assert ended == monday
    ticket.closed_at = None
    assert of_complaints.ENDED.due(calendar_for(), ticket) == clock.now(), "while it is being closed"


# state -> (the resident reads, the desk reads) of a message on WhatsApp or e-mail, and of what a person brings
SAID = {
    "pending": ("Menunggu dikirim", "Menunggu dikirim"), "sending": ("Sedang dikirim", "Sedang dikirim"),
    "accepted": ("Sedang dikirim", "Diteruskan ke WhatsApp"), "sent": ("Terkirim", "Terkirim"),
    "delivered": ("Sampai di HP Anda", "Sampai di HP penerima"), "read": ("Sudah dibaca", "Sudah dibaca"),
    "failed": ("Tidak terkirim lewat WhatsApp", "Gagal terkirim"),
    "unknown": ("Belum pasti sampai", "Belum pasti terkirim"),
    "cancelled": ("Tidak dikirim", "Tidak dikirim"),
}
WAITS = {
    LETTER: ("Kami kirim dengan surat", "Menunggu disurati"),
    CALL: ("Kami sampaikan lewat telepon", "Menunggu ditelepon"),
    VISIT: ("Kami sampaikan saat Anda datang ke kantor", "Menunggu warga datang"),
}
BROUGHT = {
    LETTER: ("Sudah Anda terima", "Sudah diserahkan"),
    CALL: ("Sudah disampaikan lewat telepon", "Sudah ditelepon"),
    VISIT: ("Sudah disampaikan di kantor", "Sudah disampaikan di kantor"),
}


def said(channel: str, state: str) -> tuple[str, str]:
    label = states.label_of(channel, state)
    return label.citizen, label.office


@pytest.mark.parametrize("channel", [WHATSAPP, EMAIL, LETTER, CALL, VISIT])
def test_each_state_of_a_message_is_said_as_its_channel_brings_it(channel):
    by_hand = {} if channel in (WHATSAPP, EMAIL) else {
        **dict.fromkeys(("pending", "accepted"), WAITS[channel]),
        **dict.fromkeys(("delivered", "read"), BROUGHT[channel]),
        "sent": ("Surat sudah kami kirim", "Surat sudah dikirim"),
        "failed": ("Belum berhasil kami sampaikan", "Belum tersampaikan"),
    }
    assert {state: said(channel, state) for state in SAID} == {**SAID, **by_hand}


def test_a_message_waits_is_on_its_way_or_arrived_or_its_road_has_ended():
    assert states.WAITING == ("pending", "sending", "unknown") and states.ON_THE_WAY == ("accepted", "sent")
    assert states.ARRIVED == ("delivered", "read")
    assert states.LEFT_US == ("accepted", "sent", "delivered", "read")
    assert set(states.ALL) == {*states.WAITING, *states.LEFT_US, "failed", "cancelled"} == SAID.keys()
