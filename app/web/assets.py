"""Files under static/: addresses that change with their content, and the one stylesheet written
into every page.

The stylesheet is inlined because first paint then needs one answer instead of two, a second saved
on a slow phone; the content security policy allows it by its hash.
Read once per process: a changed file needs a restart.
"""

import base64
import gzip
import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import brotli
from markupsafe import Markup

STATIC = Path(__file__).resolve().parents[2] / "static"
INLINE_CSS = "css/app.css"
COMPRESSIBLE = (".css", ".js", ".svg")
MIN_BYTES = 300  # below this the headers outweigh the saving


@cache
def asset_url(path: str) -> str:
    """`css/a.css` -> `/static/css/a.css?v=<8 hex of its SHA-256>`. Raises FileNotFoundError."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()
    return f"/static/{path}?v={digest[:8]}"


@cache
def inline_css() -> Markup:
    """The text for `<style>`. Raises ValueError when it would end the element early."""
    text = (STATIC / INLINE_CSS).read_text(encoding="utf-8")
    if "</style" in text.lower():
        raise ValueError(f"{INLINE_CSS} must not hold </style")
    return Markup(text)  # noqa: S704  (our own file, not anybody's input)


@cache
def inline_css_hash() -> str:
    """`sha256-<base64>` of inline_css(), for the style-src of the content security policy."""
    digest = hashlib.sha256(inline_css().encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def precompress(root: Path = STATIC) -> None:
    """Write `.br` and `.gz` beside each file that has none of its own age; WhiteNoise serves them.

    Quality 11 costs tens of milliseconds, once. On a read-only disk files go out uncompressed.
    """
    for source in root.rglob("*"):
        if source.suffix in COMPRESSIBLE and source.stat().st_size >= MIN_BYTES:
            _write_if_stale(root, source, ".br", lambda data: brotli.compress(data, quality=11))
            _write_if_stale(root, source, ".gz", lambda data: gzip.compress(data, 9, mtime=0))


def _write_if_stale(root: Path, source: Path, suffix: str, compress: Callable) -> None:
    target = source.with_name(source.name + suffix)
    moment = source.stat().st_mtime_ns
    if target.exists() and target.stat().st_mtime_ns == moment:
        return
    # beside the tree, not in it: another process may be listing it right now
    temporary = root.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(compress(source.read_bytes()))
        os.utime(temporary, ns=(moment, moment))
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
