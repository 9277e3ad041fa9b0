"""A password made anew on the machine itself, by whoever keeps it: for an office without a second person.

Whoever has the machine could write to its database anyway. So this is not kept from them but told: the
journal names the system user, the colleague hears of it by WhatsApp and e-mail, and both the colleague and
the supervisors read it on their first page for a week.
"""

from app.accounts import sessions
from app.accounts.passwords import hash_password
from app.accounts.sessions import STAFF
from app.accounts.staff_service import ONE_TIME_LENGTH, ONE_TIME_LIFE, existing_staff
from app.base import clock, journal
from app.base.database import transaction
from app.base.ids import readable_code
from app.base.services import city
from app.city.dates import show_moment
from app.office.resets import end_requests, forget_second_factor
from app.office.telling import tell

LONGEST_NAME = 40


def reset_staff(username: str, forget_phone: bool = False, reopen: bool = False, by: str = "") -> str:
    """A new one-time password; old sessions end, the second factor stays unless it is lost (docs/security.md A10),
    a closed account stays closed unless `reopen`. `by` is the user of the system who asks."""
    password = readable_code(ONE_TIME_LENGTH)
    password_hash = hash_password(password)
    with transaction():
        staff = existing_staff(username)
        staff.password_hash, staff.must_change_password = password_hash, True
        staff.one_time_until = clock.now() + ONE_TIME_LIFE
        if forget_phone:
            forget_second_factor(staff)
        if reopen:
            staff.disabled_at = None
        end_requests(staff.id)
        sessions.end_all_of(STAFF, staff.id)
        journal.record(
            "staff_reset_machine", actor=journal.SYSTEM, about=(STAFF, staff.id),
            detail={"second_factor": forget_phone, "reopened": reopen, "by": by[:LONGEST_NAME]},
        )
        tell(staff, "pegawai_sandi_diganti", tgl_jam=show_moment(clock.now()), kontak=city().contacts.phone)
    return password
