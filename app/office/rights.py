"""The table of rights as people read it."""

from dataclasses import dataclass

from app.web.access import PERMISSION_WORDS, PERMISSIONS, ROLE_WORDS, SUPERVISOR, is_held_by
from app.web.jabatan import JABATAN_ROLES, JABATAN_WORDS

# (role, jabatan, words): the roles alone, then the five who oversee
PLACES = [
    *((role, "", words) for role, words in ROLE_WORDS.items()),
    *((SUPERVISOR, jabatan, words) for jabatan, words in JABATAN_WORDS.items() if SUPERVISOR in JABATAN_ROLES[jabatan]),
]
COLUMNS = [words for _role, _jabatan, words in PLACES]


@dataclass(frozen=True)
class Right:
    """One line: what it allows, and for each of COLUMNS whether it may."""

    words: str
    held: tuple[bool, ...]


def table() -> list[Right]:
    return [
        Right(PERMISSION_WORDS.get(name, name), tuple(is_held_by(role, jabatan, name) for role, jabatan, _ in PLACES))
        for name in PERMISSIONS
    ]
