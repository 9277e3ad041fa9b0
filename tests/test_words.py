"""The words of docs/words.md, held to every text the house says."""

import re

import pytest

from tests.test_docs import ROOT
from tools.words import LONGEST_SENTENCE, RESIDENTS, THE_STANDARD, Text, every_text, measure, sentences

# (end of the place, words): the reason
EXCEPTIONS = {
    ("", "Login User Baru"): "name fixed by the standard",
    ("", "Kirim Data Registrasi User Baru"): "name fixed by the standard",
    ("", "Registrasi selesai"): "name fixed by the standard",
    ("app/city.toml", "apabila tidak menepati janji"): "the Maklumat is a decree",
    ("app/city.toml", "Secara Daring"): "title of a law",
    ("app/demo/command.py", "Situsnya tidak bisa dibuka"): "a resident's own words",
    ("app/survey/elements.py", "kurang maksimal"): "answer prescribed by Permenpan RB 14/2017",
    ("app/evaluation/models.py", "Bisa mengoperasikan komputer"): "the standard, K",
    ("app/evaluation/figures.py", "ampel minimal"): "term of Permenpan RB 14/2017",
    ("templates/survey/parts.html", "ampel minimal"): "term of Permenpan RB 14/2017",
}
# lists of what others type or send, which Loket reads and never says
READ_ONLY = ("app/complaints/arriving/courtesy.py", "app/mailbox/machines.py", "app/identity/password.py")
LONG_BUT_DEFENDED = ("app/city.toml", "templates/survey/parts.html", "app/complaints/ticket/words.py")


def never() -> list[tuple[re.Pattern, bool]]:
    """(word, whether only residents are spared it) of the list's last column."""
    found = []
    for row in re.findall(r"^\| .* \| .* \| .* \| (.*) \|$", (ROOT / "docs" / "words.md").read_text(), re.MULTILINE):
        everywhere, _, for_residents = row.partition("residents:")
        for part, only in ((everywhere, False), (for_residents, True)):
            found += [(re.compile(rf"(?<![\w@.-]){word}(?![\w@-])", re.IGNORECASE), only)
                      for word in re.findall("`([^`]+)`", part)]
    return found


def said() -> list[Text]:
    return [text for text in every_text() if text.place != THE_STANDARD and not text.place.startswith(READ_ONLY)]


def without_exceptions(text: Text) -> str:
    words = " ".join(text.words.split())
    for place, excepted in EXCEPTIONS:
        if text.place.startswith(place):
            words = re.sub(re.escape(excepted), "", words, flags=re.IGNORECASE)
    return words


def test_no_text_says_a_word_of_the_never_column():
    rules, texts = never(), said()
    assert len(rules) > 50 and len(texts) > 3000
    found = [
        f"{text.place}: {word.pattern[11:-9]!r} in {text.words[:90]!r}"
        for text in texts for word, only in rules
        if not (only and text.audience != RESIDENTS) and word.search(without_exceptions(text))
    ]
    assert not found, "docs/words.md says another word:\n" + "\n".join(found)


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda exception: exception[1])
def test_every_exception_is_still_needed(exception):
    place, words = exception
    assert any(text.place.startswith(place) and words.lower() in " ".join(text.words.split()).lower()
               for text in every_text())


def test_no_sentence_of_a_resident_is_longer_than_twenty_words():
    public = [text for text in said() if text.audience == RESIDENTS and not text.place.startswith(LONG_BUT_DEFENDED)]
    _, _, long, _ = measure(public)
    assert not long, f"more than {LONGEST_SENTENCE} words:\n" + "\n".join(f"{place}: {one}" for place, one in long)


def test_an_hour_a_number_and_an_address_end_no_sentence():
    assert sentences("Tutup pukul 16.00 WIB. Ketik sendiri loket.example.id/lacak di HP Anda. Isi PIN Anda.") == [
        "Tutup pukul 16.00 WIB.", "Ketik sendiri loket.example.id/lacak di HP Anda.", "Isi PIN Anda.",
    ]
