"""Which photo store the settings name."""

from pathlib import Path

from app.photos.store import S3_SCHEME, PhotoStore
from app.photos.store_local import LocalPhotoStore
from app.settings.settings import Settings


def open_store(settings: Settings) -> PhotoStore:
    """The store that PHOTOS_URL names: a folder, made if need be, or s3://bucket/prefix.

    Raises ValueError on any other URL.
    """
    url = settings.photos_url
    if url.startswith(S3_SCHEME):
        from app.photos.store_s3 import S3PhotoStore  # its library is large, and most installations have a folder

        return S3PhotoStore(url, settings.s3)
    if "://" in url:
        raise ValueError("PHOTOS_URL must be a folder or s3://bucket/prefix")
    return LocalPhotoStore(Path(url))
