"""What one line of notice on the first page holds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """`url` and `link` lead to where it can be dealt with, if this person may go there."""

    text: str
    url: str = ""
    link: str = ""
