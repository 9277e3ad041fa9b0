"""Where signing in begins, leads and stops on the way."""

from app.accounts import sessions
from app.accounts.sessions import CITIZEN, STAFF
from app.web.access import OFFICE

HOMES = {CITIZEN: "/akun", STAFF: f"{OFFICE}/"}
SIGN_IN_PAGES = {CITIZEN: "/masuk", STAFF: f"{OFFICE}/masuk"}
DUE_PAGES = {
    sessions.CODE: f"{OFFICE}/dua-langkah",
    sessions.PASSWORD: f"{OFFICE}/sandi",
    sessions.ENROL: f"{OFFICE}/dua-langkah",
}
LOCK_PAGE = f"{OFFICE}/kunci"
PROOF_PAGE = f"{OFFICE}/buktikan"
