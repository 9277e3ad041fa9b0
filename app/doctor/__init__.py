"""What is wrong or risky with this installation, in plain words: `flask doctor` and /petugas/pemeriksaan."""

from dataclasses import dataclass

GOOD, NOTE, RISK, WRONG = "baik", "catatan", "risiko", "salah"
LEVELS = (GOOD, NOTE, RISK, WRONG)
TROUBLE = frozenset((RISK, WRONG))  # what ends the command with exit code 1


@dataclass(frozen=True)
class Finding:
    """`level` is one of LEVELS, `sentence` how it is, `advice` what to do about it ("" when nothing)."""

    level: str
    sentence: str
    advice: str = ""


def good(sentence: str) -> Finding:
    return Finding(GOOD, sentence)
