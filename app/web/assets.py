"""Styles, scripts and pictures as browsers get them: made from static/ when the process starts.

A stylesheet per surface (SHEETS) with its tokens filled in, everything minified and packed, under
addresses that change with the content. The one for the public is written into every page: first paint
then needs one answer instead of two, a second saved on a slow phone; the content security policy
allows it by its hash.
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
INLINE_CSS = "css/public.css"
# surface -> the files it is put together from, in the order of the cascade
SHEETS = {
    INLINE_CSS: ("css/base.css", "css/public.css", "css/print.css"),
    "css/office.css": ("css/base.css", "css/office.css", "css/print.css"),
}
SERVED = (".css", ".js", ".svg", ".txt")
COMPRESSIBLE = (".css", ".js", ".svg")
PACKED = {
    ".br": lambda content: brotli.compress(content, quality=11),
    ".gz": lambda content: gzip.compress(content, 9, mtime=0),
}
MIN_BYTES = 300  # below this the headers outweigh the saving
TOKENS = re.compile(r":root\s*\{([^}]*)\}")
TOKEN = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")
USE = re.compile(r"var\((--[\w-]+)\)")


@cache
def asset_url(path: str) -> str:
    """`css/a.css` -> `/static/css/a.css?v=<8 hex of its SHA-256>`. Raises FileNotFoundError."""
    return f"/static/{path}?v={hashlib.sha256(made(path)).hexdigest()[:8]}"


@cache
def inline_css() -> Markup:
    """The text for `<style>`. Raises ValueError when it would end the element early."""
    text = made(INLINE_CSS).decode()
    if "</style" in text.lower():
        raise ValueError(f"{INLINE_CSS} must not hold </style")
    return Markup(text)  # noqa: S704  (our own file, not anybody's input)


@cache
def inline_css_hash() -> str:
    """`sha256-<base64>` of inline_css(), for the style-src of the content security policy."""
    digest = hashlib.sha256(inline_css().encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def made(path: str) -> bytes:
    """What is served as /static/`path`. Raises FileNotFoundError, ValueError for an unknown token."""
    if path in SHEETS:
        return minify_css("\n".join((STATIC / part).read_text("utf-8") for part in SHEETS[path])).encode()
    content = (STATIC / path).read_bytes()
    if path.endswith(".js") and not path.endswith(".min.js"):
        return rjsmin.jsmin(content)
    return content


def minify_css(text: str) -> str:
    """`text` with its tokens (custom properties of :root) filled in, without spaces and comments.

    Filled in, because a browser without custom properties would show white on white. Raises ValueError
    for a token that :root does not name.
    """
    tokens = {name: value.strip() for block in TOKENS.findall(text) for name, value in TOKEN.findall(block)}

    def fill(use: re.Match) -> str:
        if use[1] not in tokens:
            raise ValueError(f"no stylesheet names the token {use[1]}")
        return USE.sub(fill, tokens[use[1]])

    return rcssmin.cssmin(USE.sub(fill, TOKENS.sub("", text)))


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
