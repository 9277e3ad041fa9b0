"""The table of rights as people read it."""

from dataclasses import dataclass

from app.web.access import PERMISSION_WORDS, PERMISSIONS, ROLES


@dataclass(frozen=True)
class Right:
    """One line: what it allows, and for each role of ROLES whether it may."""

    words: str
    held: tuple[bool, ...]


def table() -> list[Right]:
    return [
        Right(PERMISSION_WORDS.get(name, name), tuple(role in roles for role in ROLES))
        for name, roles in PERMISSIONS.items()
    ]
