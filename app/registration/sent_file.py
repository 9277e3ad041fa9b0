"""The one photo of a multipart form."""

from werkzeug.datastructures import FileStorage, MultiDict

from app.photos.disk_space import demand_room, demand_space
from app.photos.errors import PhotoError


class TwoPhotos(PhotoError):
    """Both inputs, camera and gallery, carried a file: we do not guess which one is meant."""

    code = "two-photos"
    message = "Ada dua foto terkirim. Pilih satu saja."


def sent_file(files: MultiDict[str, FileStorage]) -> tuple[bytes, str]:
    """Bytes and name of the file named `photo`; the unused of the two inputs arrives without a name.

    Raises TwoPhotos, and NoSpaceLeft or DayUsedUp before anything is opened in vain.
    """
    named = [file for file in files.getlist("photo") if file.filename]
    if len(named) > 1:
        raise TwoPhotos()
    if named:
        demand_space()
        demand_room()
    return (named[0].read(), named[0].filename) if named else (b"", "")
