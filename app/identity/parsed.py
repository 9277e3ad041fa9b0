"""What every rule hands back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parsed:
    """The normalised value, and the flags (codes of `flags.FLAG_TEXT`) the operator should see."""

    value: str
    flags: tuple[str, ...] = ()


def chosen(flags: dict[str, bool]) -> tuple[str, ...]:
    """The codes whose condition holds, in the order written."""
    return tuple(code for code, holds in flags.items() if holds)
