"""What an operator may ask about the opening of pictures: which walls of the box stand, which decoders are in it."""

from __future__ import annotations

from app.photos import gate, pool
from app.photos.sandbox import LAYERS


def sandbox_layers() -> dict[str, bool]:
    """Each layer of the box and whether a child really has it on, found by trying; all False without launcher."""
    found = pool.layers_on()
    whole = found is not None and len(found) == len(LAYERS)
    return dict(zip(LAYERS, found, strict=True)) if whole else dict.fromkeys(LAYERS, False)


def decoder_versions() -> dict[str, str]:
    """Names and versions of Pillow, pillow-heif and the C libraries they bring along; "?" for one that does not tell.

    Imports the decoders, so it is for commands and the administrator's page, not for each request.
    """
    import pillow_heif
    from PIL import AvifImagePlugin, features

    heif = pillow_heif.libheif_info()
    hevc = heif.get("decoders", {}).get("libde265", "")
    found = {
        "Pillow": features.version("pil"),
        "libjpeg-turbo": features.version("libjpeg_turbo") or features.version("jpg"),
        "zlib": features.version("zlib_ng") or features.version("zlib"),
        "libwebp": features.version("webp"),
        "libavif": features.version("avif"),
        "dav1d": AvifImagePlugin.get_codec_version("dav1d") if features.check("avif") else None,
        "aom": AvifImagePlugin.get_codec_version("aom") if features.check("avif") else None,
        "pillow-heif": pillow_heif.__version__,
        "libheif": heif.get("libheif"),
        "libde265": hevc.rpartition(" ")[2] or None,
    }
    return {name: version or "?" for name, version in found.items()}


def pictures_that_killed_their_decoder() -> int:
    """Since this installation began: files whose decoder died or took too long. Each is a line in the log."""
    return gate.deaths()
