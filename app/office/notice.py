"""What one line of notice on the first page holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Notice:
    """`page` (an endpoint and its values) and `link` lead to where it can be dealt with, if this person may go
    there."""

    text: str
    page: str = ""
    link: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
