"""The words of docs/words.md, held to every text the house says."""

import re
from functools import cache

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


def never() -> list[tuple[re.Pattern, bool]]:
    """(word, whether only residents are spared it) of the list's last column."""
    found = []
    for row in re.findall(r"^\| .* \| .* \| .* \| (.*) \|$", (ROOT / "docs" / "words.md").read_text(), re.MULTILINE):
        everywhere, _, for_residents = row.partition("residents:")
        for part, only in ((everywhere, False), (for_residents, True)):
            found += [(re.compile(rf"(?<![\w@.-]){word}(?![\w@-])", re.IGNORECASE), only)
                      for word in re.findall("`([^`]+)`", part)]
    return found


@cache
def texts() -> list[Text]:
    return list(every_text())


def said() -> list[Text]:
    return [text for text in texts() if text.place != THE_STANDARD]


def without_exceptions(text: Text) -> str:
    words = " ".join(text.words.split())
    for place, excepted in EXCEPTIONS:
        if text.place.startswith(place):
            words = re.sub(re.escape(excepted), "", words, flags=re.IGNORECASE)
    return words


def test_no_text_says_a_word_of_the_never_column():
    rules, found = never(), []
    assert len(rules) > 50 and len(said()) > 3000
    for source in ("templates/tracking/", "templates/messages/", "app/city.toml", "app/tracking/", "static/js/"):
        assert any(text.place.startswith(source) for text in said()), source
    for text in said():
        words = without_exceptions(text)
        found += [
            f"{text.place}: {word.pattern[12:-10]!r} in {text.words[:90]!r}" for word, only in rules
            if not (only and text.audience != RESIDENTS) and word.search(words)
        ]
    assert not found, "docs/words.md says another word:\n" + "\n".join(found)


def test_every_exception_is_still_needed():
    written = [(text.place, " ".join(text.words.split()).lower()) for text in texts()]
    for place, words in EXCEPTIONS:
        assert any(where.startswith(place) and words.lower() in text for where, text in written), (place, words)


def test_the_only_sentences_of_residents_over_twenty_words_are_those_the_list_defends():
    _, _, long, _ = measure([text for text in texts() if text.audience == RESIDENTS])
    table = (ROOT / "docs" / "words.md").read_text().partition("| Begins | Why |")[2]
    defended = {begins for begins, _ in re.findall(r"^\| ([A-Z].*?) \| (.*) \|$", table, re.MULTILINE)}
    unnamed = [f"{place}: {one}" for place, one in long if not one.startswith(tuple(defended))]
    assert not unnamed, f"more than {LONGEST_SENTENCE} words:\n" + "\n".join(unnamed)
    assert all(any(one.startswith(begins) for _, one in long) for begins in defended), "defended, but no longer there"


def test_an_hour_a_number_and_an_address_end_no_sentence():
    assert sentences("Tutup pukul 16.00 WIB. Ketik sendiri loket.example.id/lacak di HP Anda. Isi PIN Anda.") == [
        "Tutup pukul 16.00 WIB.", "Ketik sendiri loket.example.id/lacak di HP Anda.", "Isi PIN Anda.",
    ]
