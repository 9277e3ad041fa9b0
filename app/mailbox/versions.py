"""Which of several versions of one letter says everything (multipart/alternative): plain, HTML, and what is neither.

Mail programs put placeholders, shortened texts and things of their own among them, in any order.
"""

import json
import re
from email.message import Message

SAME_WORDS, MOST_WORDS, MUCH_LONGER, LONGEST_PLACEHOLDER = 0.8, 20_000, 4, 500
REACTION = "text/vnd.google.email-reaction+json"
LONGEST_EMOJI = 40
_WORD = re.compile(r"\w{2,}")
_WEB = re.compile(r"https?://[^\s<>\"]{4,2000}")
_PLACEHOLDER = re.compile(
    r"\bmulti-?part message in mime\b|\bin (?:a|your|the) (?:web )?browser\b|\bdi browser\b|"
    r"\bhtml\b.{0,120}\b(?:support|display|view|mendukung|menampilkan|melihat)|"
    r"\b(?:support|display|view|mendukung|menampilkan|format)\w{0,4}\b.{0,60}\bhtml\b", re.IGNORECASE | re.DOTALL,
)


def fullest(texts: list[str]) -> int:
    """Place of the first version with everything the others say. Where they say different things one is a placeholder:
    one that says so itself least of all, then the last is meant as the best, unless another is much longer."""
    for place, text in enumerate(texts):
        if text and all(says(text, other) for other in texts if other is not text):
            return place
    real = [place for place, text in enumerate(texts) if text and not _is_placeholder(text)]
    among = real or list(range(len(texts)))
    longest = max(among, key=lambda place: len(texts[place]))
    last = max((place for place in among if texts[place]), default=longest)
    return longest if len(texts[longest]) > MUCH_LONGER * len(texts[last]) else last


def says(text: str, other: str) -> bool:
    """Whether nearly every word and every link of `other` stands in `text`."""
    wanted = set(_WORD.findall(_WEB.sub(" ", other.lower()))[:MOST_WORDS])
    there = set(_WORD.findall(text.lower()))
    links = {link.rstrip(".,;)]>") for link in _WEB.findall(other)}
    return len(wanted & there) >= SAME_WORDS * len(wanted) and all(link in text for link in links)


def reaction_in(parts: list[Message]) -> str:
    """The emoji with which somebody reacted in Gmail, whose other versions only say that they did; "" for none."""
    for part in parts:
        if part.get_content_type() == REACTION:
            try:
                emoji = json.loads(part.get_payload(decode=True) or b"").get("emoji", "")
            except (ValueError, AttributeError, RecursionError):
                continue
            return emoji.strip() if isinstance(emoji, str) and len(emoji) <= LONGEST_EMOJI else ""
    return ""


def _is_placeholder(text: str) -> bool:
    return len(text) <= LONGEST_PLACEHOLDER and _PLACEHOLDER.search(text) is not None
