"""Words that are no news: thanks, a thumb up, "ok". They stay in the ticket, open nothing again and move no clock.

Only what consists of nothing else counts: one word more, a question mark or a "belum", and it is news.
"""

import re
import unicodedata

MOST_WORDS = 20
_WORD = re.compile(r"[^\W_]+")


def _words(listed: str) -> frozenset[str]:
    return frozenset(_WORD.findall(listed))


# at least one of them says that it is a courtesy
CORE = _words("""
    terima kasih terimakasih trimakasih trima trims makasih makasi maaci mksh mks tks thx tq thanks thank
    thankyou tengkyu nuwun suwun kesuwun maturnuwun sukron syukron jazakallah jazakumullah alhamdulillah amin
    aamiin ok oke okay okey okee oce siap baik baiklah sip mantap mantab good great nice noted bagus keren hebat
    setuju dimengerti paham mengerti
""")
BESIDE = _words("""
    banyak sekali banget byk ya iya yaa yes yup pak bapak bu ibu buk mas mbak kak kakak min admin petugas semua
    semuanya dukcapil capil tim team atas untuk dan juga saya kami kita jawaban jawabannya informasi
    informasinya info infonya penjelasan penjelasannya bantuan bantuannya respon responnya respons responsnya
    pelayanan pelayanannya perhatian perhatiannya kerja sama samanya kerjasama kerjasamanya tanggapan
    tanggapannya balasan balasannya sangat membantu cepat ramah job you so very much for your help the khairan
    khoiron katsiran matur sama sudah udah telah selesai beres lancar puas salam sehat selalu semoga sukses
    hormat nggih njih inggih wassalamualaikum wassalam wr wb waalaikumsalam sore pagi siang malam selamat
""")
_SIGNATURE = re.compile(
    r"^(?:-- ?$|(?:sent|dikirim|terkirim) (?:from|dari|menggunakan|via)\b.*|(?:get|dapatkan) outlook (?:for|untuk) .*)",
    re.IGNORECASE | re.MULTILINE,
)
_RATING = re.compile(r"(?:nilai|rating|bintang)?\s*:?\s*([1-5])\s*(?:/\s*5|dari\s+5|bintang)?\s*[.!]?", re.IGNORECASE)
_STARS = re.compile(r"[⭐🌟★]\ufe0f?")


def is_courtesy(text: str, name: str = "") -> bool:
    """Whether these words are nothing but thanks or a yes. `name` is the writer's, who may sign with it."""
    said = _SIGNATURE.split(text, maxsplit=1)[0].strip()
    if not said or "?" in said or "？" in said or len(said) > 400:
        return False
    words = [_plain(word) for word in _WORD.findall(said.lower())]
    if not words:
        return any(unicodedata.category(char) in ("So", "Sk") for char in said)
    signed = {_plain(word) for word in _WORD.findall(name.lower())}
    return (
        len(words) <= MOST_WORDS and any(word in CORE for word in words)
        and all(word in CORE or word in BESIDE or word in signed for word in words)
    )


def rating_in(text: str) -> int | None:
    """One to five, when the words are nothing else: a number or stars."""
    said = text.strip()
    if found := _RATING.fullmatch(said):
        return int(found[1])
    stars = len(_STARS.findall(said))
    return stars if 1 <= stars <= 5 and not _STARS.sub("", said).strip() else None


def _plain(word: str) -> str:
    """Letters written long are written once: "okeee", "makasihhh"."""
    short = re.sub(r"(.)\1{2,}", r"\1", word)
    if word in BESIDE or short in CORE or short in BESIDE:
        return word if word in BESIDE else short
    return re.sub(r"(.)\1+$", r"\1", word)
