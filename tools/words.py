"""Every Indonesian text of the house, read as a resident reads it, and how hard it is.

    python -m tools.words          words a sentence, rare words, and every sentence of more than 20 words
    python -m tools.words --rare   besides, the words that are not among the 5,000 commonest, and how often they stand

The rules of `docs/words.md` are held to the same texts by tests/test_words.py.
"""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMON = ROOT / "tools" / "data" / "common_words_id.txt"
LONGEST_SENTENCE = 20
LONG_WHOLE = 400  # characters of one text in a measure; more is a list of values
# what stands for a value while a text is measured: one word, and no rare one
VALUE = "\u25a0"
RESIDENTS, STAFF = "residents", "staff"
THE_STANDARD = "app/city.toml (standard)"  # words of the law and of the published standard
# pages, and rooms of the code, that no resident meets
DESK_PAGES = ("review", "office", "casework", "oversight", "notifications", "guarantee")
DESK_ROOMS = (
    "doctor", "rehearsal", "setup", "process", "journal", "oversight", "office", "review", "casework", "demo",
    "retention", "keys", "migrations", "settings", "complaints/desk", "complaints/reports", "complaints/mail",
    "messages", "wiring.py", "guarantee", "privacy/desk.py", "mailbox",
)
# lists of what others type or send, which Loket reads and never says
READ_ONLY = ("complaints/arriving/which_ticket.py", "mailbox/machines.py", "mailbox/parts.py", "identity/password.py")
DESK_SCRIPTS = ("office", "case", "list", "charts", "letters", "courier")
PUBLIC_AT_THE_DESK = ("notifications/check.html", "notifications/_prove.html", "guarantee/_told.html")
_SPOKEN_ATTRIBUTES = r'(?:aria-label|alt|placeholder|title)="([^"{}]+)"'
_PIECE = re.compile(r"(\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\})", re.DOTALL)
_LITERAL = re.compile(r"'((?:[^'\\\n]|\\.)*)'")
_BLOCK_TAG = re.compile(
    r"</?(?:p|li|h\d|dt|dd|div|ul|ol|td|th|tr|summary|label|button|option|small|legend|section)\b[^>]*>"
)
_INDONESIAN_SIGNS = re.compile(r"[A-Z][a-z]+[ ,.?]|[a-z]{2,} [a-z]{2,}")


@dataclass(frozen=True)
class Text:
    """`place` is a path, with a line where one is known; `audience` RESIDENTS or STAFF."""

    place: str
    audience: str
    words: str


def every_text() -> Iterator[Text]:
    """Templates, messages, city file, and the sentences in code, in that order."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from _of_page(path)
    for path in sorted((ROOT / "templates").rglob("*.txt")):
        yield from _of_message(path)
    told = tomllib.loads((ROOT / "app" / "city.toml").read_text())
    standard = told.pop("standard")
    yield from (Text("app/city.toml", RESIDENTS, words) for words in _strings(told) if " " in words)
    yield from (Text(THE_STANDARD, RESIDENTS, words) for words in _strings(standard) if " " in words)
    for path in sorted((ROOT / "app").rglob("*.py")):
        yield from _of_code(path)
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        if ".min" not in path.name:
            yield from _of_script(path)


def sentences(text: str) -> list[str]:
    """Full stops of numbers, hours and addresses end none."""
    parts = re.split(r"(?<=[.?!:])\s+(?=[A-Z\u25a0\"\u201c])|\n\s*\n|\n(?=\s*[-A-Z\u25a0])", text)
    return [part.strip() for part in parts if len(_words(part)) > 2]


def measure(texts: list[Text]) -> tuple[float, float, list[tuple[str, str]], Counter]:
    """(words a sentence, share of rare words, sentences over the limit with their place, rare words)."""
    common = {line for line in COMMON.read_text().splitlines() if not line.startswith("#")}
    said = [(text.place, sentence) for text in texts for sentence in sentences(text.words)]
    words = [word for _, sentence in said for word in _words(sentence) if word != VALUE]
    rare = Counter(word for word in words if not _is_common(word.lower(), common))
    long = [(place, sentence) for place, sentence in said if len(_words(sentence)) > LONGEST_SENTENCE]
    total = sum(len(_words(sentence)) for _, sentence in said)
    return total / len(said), sum(rare.values()) / len(words), long, rare


def _of_page(path: Path) -> Iterator[Text]:
    raw, name = path.read_text(), path.relative_to(ROOT / "templates").as_posix()
    at_desk = "staff_base.html" in raw or name.split("/")[0] in DESK_PAGES or name == "staff_base.html"
    audience = STAFF if at_desk and name not in PUBLIC_AT_THE_DESK else RESIDENTS
    place, plain = f"templates/{name}", []
    for piece in _PIECE.split(re.sub(r"<(script|style)\b.*?</\1>", "", raw, flags=re.DOTALL)):
        if piece.startswith("{#"):
            continue
        if piece.startswith("{"):
            plain.append(VALUE if piece.startswith("{{") else "")
            yield from (Text(place, audience, words) for words in _LITERAL.findall(piece) if _is_said(words))
        else:
            plain.append(piece)
    shown = "".join(plain)
    yield from (Text(place, audience, words) for words in re.findall(_SPOKEN_ATTRIBUTES, shown))
    for block in _BLOCK_TAG.split(shown):
        words = " ".join(re.sub(r"<[^>]*>", "", block).split())
        if re.search("[A-Za-z]{3}", words):
            yield Text(place, audience, words)


def _of_message(path: Path) -> Iterator[Text]:
    to_staff = path.stem.startswith(("pegawai_", "kerja_", "peringatan_", "catatan_"))
    words = re.sub(r"\{\{.*?\}\}", VALUE, path.read_text())
    yield Text(path.relative_to(ROOT).as_posix(), STAFF if to_staff else RESIDENTS, words)


def _of_code(path: Path) -> Iterator[Text]:
    tree, room = ast.parse(path.read_text()), path.relative_to(ROOT / "app").as_posix()
    if room.startswith(("migrations", "demo/past", *READ_ONLY)):
        return
    audience = STAFF if room.startswith(DESK_ROOMS) else RESIDENTS
    docs = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body
            and isinstance(node.body[0], ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            words = "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (docs | inside):
            words = node.value
        else:
            continue
        if _is_said(words):
            yield Text(f"app/{room}:{node.lineno}", audience, words)


def _of_script(path: Path) -> Iterator[Text]:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        code = line.split("// ")[0]
        for words in re.findall(r"'((?:[^'\\]|\\.)*)'|\"([^\"]*)\"|`([^`]*)`", code):
            said = re.sub("<[^>]*>", "", re.sub(r"\$\{[^}]*\}", VALUE, "".join(words)))
            if _is_said(said):
                yield Text(f"static/js/{path.name}:{number}", STAFF if path.stem in DESK_SCRIPTS else RESIDENTS, said)


def _strings(told) -> Iterator[str]:
    if isinstance(told, str):
        yield re.sub(r"\{[\w.]+\}", VALUE, told)
    elif isinstance(told, dict | list):
        for one in told.values() if isinstance(told, dict) else told:
            yield from _strings(one)


def _is_said(words: str) -> bool:
    """A sentence or a label, and not a key, an address, a query or a pattern."""
    if len(words) < 4 or (re.search(r"[\\^$_]|\bSELECT\b|https?:", words) and " " not in words):
        return False
    return bool(re.match(r"[A-Z\u25a0(\"]", words) or " " in words) and bool(_INDONESIAN_SIGNS.search(f"{words} "))


def _words(sentence: str) -> list[str]:
    return re.findall(rf"{VALUE}|[A-Za-z][A-Za-z'-]*|[0-9][0-9.,:-]*", sentence)


def _is_common(word: str, common: set[str]) -> bool:
    """Itself, or without one of the endings every reader knows; a number and a name of ours count as known."""
    if not word[0].isalpha() or word in common:
        return True
    stems = [word.removesuffix(end) for end in ("nya", "lah", "kah", "ku", "mu")]
    return any(stem in common for stem in stems) or all(part in common for part in word.split("-"))


def main(asked: list[str]) -> None:
    texts = list(every_text())
    for audience in (RESIDENTS, STAFF):
        chosen = [text for text in texts if text.audience == audience]
        average, rare_share, long, rare = measure(chosen)
        print(f"{audience}: {len(chosen)} texts, {average:.1f} words a sentence, "
              f"{rare_share:.1%} of the words outside the 5,000 commonest, "
              f"{len(long)} sentences over {LONGEST_SENTENCE}")
        if audience == RESIDENTS:
            print(*(f"  {place}: {sentence}" for place, sentence in long), sep="\n")
        if "--rare" in asked:
            print("  rare:", ", ".join(f"{word} {count}" for word, count in rare.most_common(150)))


if __name__ == "__main__":
    main(sys.argv[1:])
