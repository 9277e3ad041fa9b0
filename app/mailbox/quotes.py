"""The new words of a letter, and what stands below them of a letter of ours: folded at the desk, never cut.

Only a quotation of our own letter is folded: what a resident quotes of anybody else, a forwarded letter first of
all, is the complaint itself.
"""

import re

from app.base.ids import OLD_TICKET_PIN, TICKET_PIN

_WROTE = re.compile(
    r"\b(?:wrote|writes|menulis|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)\s*:\s*$", re.IGNORECASE,
)
_WROTE_BEGINS = re.compile(r"^(?:Pada|On|Am|Le|El|Em|Il|Op|Den|Vào|Tarikh|Tanggal)\b", re.IGNORECASE)
_DIVIDER = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|pesan asli|mesej asal|ursprüngliche nachricht|message d'origine)"
    r"\s*-{2,}|_{10,})\s*$", re.IGNORECASE,
)
_FROM = re.compile(r"^\s*\*?(?:From|Dari|Daripada|Von|De)\*?\s?:", re.IGNORECASE)
_OTHER_FIELD = re.compile(
    r"^\s*\*?(?:Sent|Date|Dikirim|Terkirim|Tanggal|Dihantar|Gesendet|To|Kepada|Untuk|Cc|Tembusan|Subject|Subjek|Perihal)"
    r"\*?\s?:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"^\s*-{4,}\s*(?:forwarded message|pesan (?:yang )?diteruskan|pesan terusan|mesej dimajukan)\s*-{4,}\s*$"
    r"|^\s*begin forwarded message:", re.IGNORECASE | re.MULTILINE)
_FORWARDED_SUBJECT = re.compile(r"^\s*(?:fwd?|fw|trs|terusan|diteruskan|wg|tr|rv|enc)\s*:", re.IGNORECASE)
_QUOTED_PIN = re.compile(rf"(PIN(?: Anda)?\W{{0,6}}[\s>:*]{{0,20}})\d{{{OLD_TICKET_PIN},{TICKET_PIN}}}\b")
# so says every letter of ours
_OUR_WORDS = re.compile(r"\bADU-20\d\d-\d{6}\b|\bPIN Anda\b")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,253}[\w]")
MOST_FIELDS, LONGEST_WROTE = 8, 3


def without_pins(text: str) -> str:
    """The PIN of our receipt is blanked where it is quoted."""
    return _QUOTED_PIN.sub(r"\1••••••", text)


def divide(
    text: str, subject: str = "", ours: frozenset[str] = frozenset(), answers_us: bool = False,
) -> tuple[str, str]:
    """(the new words, the quoted letter of ours below or above them, "" for none). `ours` are the addresses of the
    office, `answers_us` whether the letter replies to one made where ours are. Where nothing else would be left all of
    it counts as new."""
    safe = without_pins(text).strip()
    if _FORWARDED_SUBJECT.match(subject) or _FORWARDED.search(safe):
        return safe, ""
    lines = safe.splitlines()
    start, end = _quotation(lines)
    block = "\n".join(lines[start:end]).strip()
    if not block or not _is_of_ours(block, ours, answers_us):
        return safe, ""
    words = "\n".join([*lines[:start], *lines[end:]]).strip()
    return (words, block) if words else (safe, "")


def _is_of_ours(block: str, ours: frozenset[str], answers_us: bool) -> bool:
    """Whom its heading names as the writer decides, unless the letter answers us and the quote has our words; where it
    names no address, either is enough."""
    lines = block.splitlines()[: LONGEST_WROTE + 2]
    heading = next((line for line in lines if _FROM.match(line)), "")
    if not heading:
        last = next((at for at, line in enumerate(lines) if _WROTE.search(line)), -1)
        heading = " ".join(lines[: last + 1])
    writers = _ADDRESS.findall(heading.lower())
    has_our_words = _OUR_WORDS.search(block) is not None
    if writers:
        return writers[0] in ours or (answers_us and has_our_words)
    return answers_us or has_our_words


def _quotation(lines: list[str]) -> tuple[int, int]:
    """Where the quoted letter begins and ends: the last one; the first when words follow and no other is there."""
    heading = next((at for at in range(len(lines)) if _is_heading(lines, at)), None)
    if heading is not None:
        before = heading - 1 if heading and _DIVIDER.match(lines[heading - 1]) else heading
        return before, len(lines)
    blocks = _blocks(lines)
    if not blocks:
        return len(lines), len(lines)
    start, end = blocks[-1]
    if any(line.strip() for line in lines[end:]) and len(blocks) > 1:
        return len(lines), len(lines)  # answers between the questions: they belong together
    return _with_attribution(lines, start), end


def _is_heading(lines: list[str], at: int) -> bool:
    """From:, Sent:, To:, Subject: below each other, as Outlook writes above what it quotes."""
    if not _FROM.match(lines[at]):
        return False
    near = lines[at + 1 : at + 1 + MOST_FIELDS]
    return sum(1 for line in near if _OTHER_FIELD.match(line)) >= 2


def _blocks(lines: list[str]) -> list[tuple[int, int]]:
    """Runs of lines that begin with >, blank lines between them included."""
    found: list[tuple[int, int]] = []
    for at, line in enumerate(lines):
        if not line.lstrip().startswith(">"):
            continue
        if found and not any(between.strip() for between in lines[found[-1][1] : at]):
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


def _with_attribution(lines: list[str], start: int) -> int:
    """The line above a quote, which may be broken in three: "Pada Sen, 23 Nov ... <a@b.id>\\nmenulis:"."""
    above = start - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0 or not _WROTE.search(lines[above]):
        return start
    for first in range(above, max(-1, above - LONGEST_WROTE), -1):
        if _WROTE_BEGINS.match(lines[first].strip()):
            return first
    return above
