"""Tiny pictures of our own in every format that is taken, for the launcher to warm its decoders up with.

Pillow imports its plugins, and they their parts, at first use; inside the box nothing can be imported any more.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

# 16 x 16 px each, made once: Pillow has no HEIC encoder, and an AVIF encoder is more than decoding needs
_HEIC = b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j
AAAAAERAAAEAAQAAAAABoAABAAAAAAAAACYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/Glw
cnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AA
AAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABA
AAAAQAAAAChjbGFwAAAAEAAAAAEAAAAQAAAAAf///9AAAAAC////0AAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYEC
AwWEAAAALm1kYXQAAAAiKAGvBBITTOD46cJoP9oJ+zZWCI8n7asr40mfd7EYkqn/oA==
""")
_AVIF = b64decode("""
AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAO
cGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAJwAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAA
AABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAEAAAABAAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAG
gAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAL21kYXQSAAoJGAz/2iAhoNCAMhgex4eFWd///+LPwAB1fc4kfmvl3cYtH4A=
""")
_CAMERA, _ORIENTATION, _EXIF_FOLDER, _GPS_FOLDER = 0x010F, 0x0112, 0x8769, 0x8825


def samples() -> Iterator[bytes]:
    """One file of each kind, encoded."""
    yield _HEIC
    yield _AVIF
    picture = Image.linear_gradient("L").resize((64, 48)).convert("RGB")
    exif = Image.Exif()
    exif[_CAMERA], exif[_ORIENTATION] = "x", 6
    exif.get_ifd(_EXIF_FOLDER)[0x9003] = "2000:01:01 00:00:00"
    exif.get_ifd(_GPS_FOLDER)[1] = "S"
    for form, options in (
        ("JPEG", {"exif": exif}), ("JPEG", {"progressive": True}), ("JPEG", {"icc_profile": b"x" * 200}),
        ("MPO", {"save_all": True, "append_images": [picture.copy()]}),
        ("PNG", {"exif": exif}), ("WEBP", {"exif": exif}), ("WEBP", {"lossless": True}),
        ("PNG", {"save_all": True, "append_images": [picture.transpose(Image.Transpose.ROTATE_180)]}),
        ("WEBP", {"save_all": True, "append_images": [picture.transpose(Image.Transpose.ROTATE_180)]}),
    ):
        yield _saved(picture, form, options)
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        other = picture.convert("L").convert("I").convert(mode) if mode == "I;16" else picture.convert(mode)
        yield _saved(other, "PNG", {"transparency": 0} if mode == "P" else {})
    yield _saved(picture.convert("CMYK"), "JPEG", {})
    yield _saved(picture.convert("RGBA"), "WEBP", {"lossless": True})


def _saved(picture: Image.Image, form: str, options: dict) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()
