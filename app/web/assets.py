"""Styles, scripts and pictures as browsers get them: made from static/ when the process starts.

Stylesheets (SHEETS) with their tokens filled in, everything minified and packed, under addresses that change with
the content. Those of the public are written into the page: first paint then needs one answer instead of two, a second
saved on a slow phone; the content security policy allows each by its hash.
"""

import base64
import gzip
import hashlib
import os
import re
import tempfile
from functools import cache
from pathlib import Path

import brotli
import rcssmin
import rjsmin
from markupsafe import Markup

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
BUILT = ROOT / "build" / "static"
# Sheet -> the files it is put together from, in the order of the cascade. Those of the public are written into the
# page: `core` into every one, the others where they are needed.
CORE, TOKEN_FILES = "css/core.css", ("css/base.css", "css/dark.css")
SHEETS = {
    CORE: ("css/base.css", "css/dark.css"),
    "css/says.css": ("css/says.css",),
    "css/start.css": ("css/rows.css", "css/start.css"),
    "css/fields.css": ("css/fields.css", "css/numbers.css"),
    "css/choices.css": ("css/fields.css", "css/choices.css"),
    "css/step.css": ("css/fields.css", "css/numbers.css", "css/rows.css", "css/step.css", "css/print.css"),
    "css/front.css": ("css/front.css",),
    "css/complaints.css": ("css/choices.css", "css/talk.css", "css/complaints.css"),
    "css/follow.css": ("css/badges.css", "css/follow.css"),
    "css/survey.css": ("css/survey.css",),
    "css/offline.css": ("css/offline.css",),
    "css/charts.css": ("css/charts.css",),
    "css/print.css": ("css/print.css",),
    "css/office.css": (
        "css/base.css", "css/says.css", "css/fields.css", "css/numbers.css", "css/rows.css", "css/start.css",
        "css/step.css", "css/badges.css", "css/front.css", "css/charts.css", "css/talk.css", "css/office.css",
        "css/case.css", "css/print.css", "css/paper.css",
    ),
}
IN_OFFICE = "css/office.css"
# script -> its table as JSON, put before it as `var TABLE`; the room that knows the table enters it when it is loaded
TABLES: dict[str, str] = {}
# our scripts with their inner names made short, by tools/scripts.py
SHORT = "js/short"
SERVED = (".css", ".js", ".svg", ".txt", ".png")
COMPRESSIBLE = (".css", ".js", ".svg")
PACKED = {
    ".br": lambda content: brotli.compress(content, quality=11),
    ".gz": lambda content: gzip.compress(content, 9, mtime=0),
}
MIN_BYTES = 300  # below this the headers outweigh the saving
DARK = re.compile(r"@media \(prefers-color-scheme: dark\)\s*\{\s*:root\s*\{([^}]*)\}\s*\}")
IN_THE_DARK = "@media screen and (prefers-color-scheme:dark)"  # paper stays white
TOKENS = re.compile(r":root\s*\{([^}]*--[^}]*)\}")
TOKEN = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
AT_RULE = re.compile(r"@[^{};]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
USE = re.compile(r"var\((--[\w-]+)\)")


@cache
def asset_url(path: str) -> str:
    """`css/a.css` -> `/static/css/a.css?v=<8 hex of its SHA-256>`. Raises FileNotFoundError."""
    return f"/static/{path}?v={hashlib.sha256(made(path)).hexdigest()[:8]}"


@cache
def inline_css(*paths: str) -> Markup:
    """The text for one `<style>` of these sheets. Raises ValueError when it would end the element early."""
    text = "".join(made(path).decode() for path in paths)
    if "</style" in text.lower():
        raise ValueError(f"{paths} must not hold </style")
    return Markup(text)  # noqa: S704  (our own file, not anybody's input)


@cache
def inline_style(*paths: str) -> Markup:
    """The element itself."""
    return Markup("<style>{}</style>").format(inline_css(*paths))


@cache
def inline_css_hash(*paths: str) -> str:
    """`sha256-<base64>` of inline_css(), for the style-src of the content security policy."""
    digest = hashlib.sha256(inline_css(*paths).encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def made(path: str) -> bytes:
    """What is served as /static/`path`. Raises FileNotFoundError, ValueError for an unknown token."""
    if path in SHEETS:
        parts, tokens = (_text_of(SHEETS[path]), "" if path == IN_OFFICE else _text_of(TOKEN_FILES))
        return minify_css(parts, tokens).encode()
    content = (STATIC / path).read_bytes()
    if path.endswith(".js") and not path.endswith(".min.js"):
        return (f"var TABLE={TABLES[path]};".encode() if path in TABLES else b"") + _short_script(path, content)
    return content


def _short_script(path: str, content: bytes) -> bytes:
    """What `make scripts` made of exactly this source, a fifth shorter on the line; else without spaces only."""
    made_of_it = STATIC / short_name(path, content)
    return made_of_it.read_bytes() if made_of_it.exists() else rjsmin.jsmin(content)


def short_name(path: str, content: bytes) -> str:
    """`js/a.js` -> `js/short/a.<8 hex of the SHA-256 of its source>.js`, so a stale one is never served."""
    return f"{SHORT}/{Path(path).stem}.{hashlib.sha256(content).hexdigest()[:8]}.js"


def _text_of(paths: tuple[str, ...]) -> str:
    return "\n".join((STATIC / path).read_text("utf-8") for path in paths)


def minify_css(text: str, tokens_of: str = "") -> str:
    """`text` with its tokens (custom properties of :root, here or in `tokens_of`) filled in, without spaces.

    Filled in, because a browser without custom properties would show white on white. Raises ValueError
    for a token that :root does not name. Rules that look different in the dark follow once more.
    """
    known = COMMENT.sub("", f"{tokens_of}\n{text}")
    dark = _tokens(DARK.findall(known))
    tokens = _tokens(TOKENS.findall(DARK.sub("", known)))
    rules = TOKENS.sub("", DARK.sub("", COMMENT.sub("", text)))
    plain = rcssmin.cssmin(_filled(rules, tokens))
    return plain + rcssmin.cssmin(_filled(_in_the_dark(rules, dark), tokens | dark)) if dark else plain


def _tokens(blocks: list[str]) -> dict[str, str]:
    return {name: value.strip() for block in blocks for name, value in TOKEN.findall(block)}


def _filled(text: str, tokens: dict[str, str]) -> str:
    def fill(use: re.Match) -> str:
        if use[1] not in tokens:
            raise ValueError(f"no stylesheet names the token {use[1]}")
        return USE.sub(fill, tokens[use[1]])

    return USE.sub(fill, text)


def _in_the_dark(rules: str, dark: dict[str, str]) -> str:
    """Of every rule the declarations that use a token of `dark`, and the widths that a short form before them would
    set back; rules inside another @media are left as they are."""
    found = []
    for selector, body in RULE.findall(AT_RULE.sub("", rules)):
        changed: list[str] = []
        for part in map(str.strip, body.split(";")):
            short = any(before.startswith("border:") for before in changed) and part.startswith("border-")
            short = short and not part.startswith("border-radius")
            if short or dark.keys() & set(USE.findall(part)):
                changed.append(part)
        if changed:
            found.append(f"{selector.strip()} {{ {'; '.join(changed)} }}")
    return f"{IN_THE_DARK} {{ {' '.join(found)} }}"


def built() -> Path:
    """The folder of everything that is served, made anew where it is not of today.

    On a read-only disk every process makes one of its own among the temporary files.
    """
    try:
        build(BUILT)
        return BUILT
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="loket-")) / "static"
        build(folder)
        return folder


def build(folder: Path) -> None:
    """Fill `folder`: each file and, packed for WhiteNoise, `.br` and `.gz` beside it; nothing else stays.

    Packing costs tenths of a second, once: what is unchanged is left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = {part for parts in SHEETS.values() for part in parts}
    sources = {source.relative_to(STATIC).as_posix() for source in STATIC.rglob("*") if source.suffix in SERVED}
    sources = {path for path in sources if not path.startswith(SHORT)}
    wanted = set()
    for path in sources - parts | SHEETS.keys():
        wanted |= _write_with_packed(folder, path, made(path))
    for old in folder.rglob("*"):
        if old.is_file() and old not in wanted:
            old.unlink(missing_ok=True)  # another process may have been faster


def _write_with_packed(folder: Path, path: str, content: bytes) -> set[Path]:
    target = folder / path
    packed = PACKED if target.suffix in COMPRESSIBLE and len(content) >= MIN_BYTES else {}
    written = {target, *(Path(f"{target}{suffix}") for suffix in packed)}
    if all(map(Path.exists, written)) and target.read_bytes() == content:
        return written
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix, pack in packed.items():
        _write(folder, Path(f"{target}{suffix}"), pack(content))
    _write(folder, target, content)  # last: where it is of today, the packed ones are
    return written


def _write(folder: Path, target: Path, content: bytes) -> None:
    # beside the tree, not in it: another process may be listing it right now
    temporary = folder.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
