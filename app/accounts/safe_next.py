"""Where to go after signing in: only to a page of our own (docs/security.md, trap 9)."""

from urllib.parse import quote, unquote, urlsplit

from app.accounts import sessions
from app.accounts.sessions import CITIZEN, STAFF
from app.web.access import OFFICE

MAX_LENGTH = 500
PRINTABLE = frozenset(map(chr, range(0x21, 0x7F)))


def safe_next(url: str | None, default: str, inside: str = "/") -> str:
    """`url` when it is a local path at or below `inside`, else `default`.

    Judged as written and once decoded, because browsers read `/\\evil`, `/%5cevil` and a tab or
    newline after the slash as another host.
    """
    if url and len(url) <= MAX_LENGTH and _is_local(url) and _is_local(unquote(url)):
        return url if _is_inside(urlsplit(url).path, inside) else default
    return default


def next_query(url: str) -> str:
    """`?next=...` for a page worth coming back to, else nothing."""
    wanted = safe_next(url, "")
    return f"?next={quote(wanted, safe='/')}" if wanted else ""


def _is_local(url: str) -> bool:
    if not url.startswith("/") or url.startswith("//") or "\\" in url or not PRINTABLE.issuperset(url):
        return False
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc


def _is_inside(path: str, folder: str) -> bool:
    stem = folder.rstrip("/")
    return ".." not in path and (path == stem or path.startswith(stem + "/"))


# Where signing in begins, leads and stops on the way.

HOMES = {CITIZEN: "/akun", STAFF: f"{OFFICE}/"}
SIGN_IN_PAGES = {CITIZEN: "/masuk", STAFF: f"{OFFICE}/masuk"}
DUE_PAGES = {
    sessions.CODE: f"{OFFICE}/dua-langkah",
    sessions.PASSWORD: f"{OFFICE}/sandi",
    sessions.ENROL: f"{OFFICE}/dua-langkah",
}
LOCK_PAGE = f"{OFFICE}/kunci"
PROOF_PAGE = f"{OFFICE}/buktikan"
