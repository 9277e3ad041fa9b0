"""A QR code as SVG that prints well: for the counter, and for the letter of a guarantee case."""

import io

from markupsafe import Markup

from app.base.services import settings

CORRECTION = "m"  # survives a fold or a stain
PATH = "/survei"


def counter_address() -> str:
    return f"{settings().public_base_url}{PATH}"


def qr_svg(address: str, title: str) -> Markup:
    """Inline SVG; its size is the stylesheet's business. `title` is what a screen reader says."""
    out = io.BytesIO()
    import segno

    code = segno.make(address, error=CORRECTION, micro=False)
    code.save(out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, title=title, svgclass="qr",
              lineclass=None, dark="#000", light="#fff")
    return Markup(out.getvalue().decode())  # noqa: S704 - made here, and the title is ours
