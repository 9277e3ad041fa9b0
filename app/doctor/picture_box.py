"""What the process that opens pictures says of itself: the one place that asks it."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec


def layers() -> Mapping[str, bool] | None:
    """Layer -> whether it is on. None when pictures are opened in this very process."""
    try:
        from app.photo_pool import sandbox_layers
    except ImportError:
        return None
    return sandbox_layers()


def decoder_versions() -> Mapping[str, str]:
    """Library -> version of what opens HEIC. Asked of the process that has it loaded, where there is one."""
    try:
        from app.photo_pool import decoder_versions as asked
    except ImportError:
        return _of_this_process()
    return asked()


def _of_this_process() -> Mapping[str, str]:
    heif = import_module("pillow_heif" if find_spec("pillow_heif") else "pi_heif")
    decoders = heif.libheif_info().get("decoders", {})
    return {"libheif": heif.libheif_version(), **{name: _number(told) for name, told in decoders.items()}}


def _number(told: str) -> str:
    """"libde265 HEVC decoder, version 1.1.0" -> "1.1.0"."""
    return told.rpartition(" ")[2] or told
