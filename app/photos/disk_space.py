"""How much room is left on the disks we write to; uploads are refused before anything else suffers.

What fills a disk is photos and files. Below LEAST_FREE they wait, while forms, decisions and messages,
which need next to nothing, go on.
"""

import shutil
from pathlib import Path

import structlog

from app.base.services import settings
from app.photos.errors import PhotoBusy
from app.photos.store import S3_SCHEME

LEAST_FREE = 0.10
GETTING_FULL = 0.20  # told by `flask doctor` before anybody is refused
TRY_AGAIN_SECONDS = 600

log = structlog.get_logger()


class NoSpaceLeft(PhotoBusy):
    """The disk is nearly full: 503, because making room is our affair and not the sender's."""

    code = "no-space"
    message = (
        "Tempat penyimpanan kami hampir penuh, jadi foto dan berkas belum dapat diterima. "
        "Yang sudah tersimpan tidak hilang. Coba lagi nanti, atau datang ke kantor kami."
    )
    retry_after = TRY_AGAIN_SECONDS


def demand_space() -> None:
    """Raises NoSpaceLeft while less than LEAST_FREE of a disk we write to is free."""
    share = free_share()
    if share < LEAST_FREE:
        log.error("disk_nearly_full", free_percent=round(100 * share, 1))
        raise NoSpaceLeft


def free_share() -> float:
    """Of the fullest disk we write to: the part that is free, 0 to 1."""
    usages = [shutil.disk_usage(folder) for folder in _folders()]
    return min(usage.free / usage.total for usage in usages)


def _folders() -> list[Path]:
    """The database, request bodies on their way in, and the photos if they lie in a folder."""
    photos = settings().photos_url
    return [settings().instance, *([] if photos.startswith(S3_SCHEME) else [Path(photos)])]
