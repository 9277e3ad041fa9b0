"""Reading what a complaint page sent: each field once, every file, and a file going out again."""

from flask import Response, request

from app.base.problems import FormRejected
from app.complaints.desk.inbox import Filters
from app.complaints.ticket import files
from app.complaints.ticket.models import AUDIO, PHOTO, TicketAttachment
from app.photos.disk_space import demand_space
from app.web.headers import PHOTO_CSP

TWICE = "Isian ini terkirim dua kali. Isi sekali saja."
ENDINGS = {"image/jpeg": "jpg", "application/pdf": "pdf", "message/rfc822": "eml"}
# address parameter -> field of Filters
PARAMETERS = {"kanal": "channel", "kategori": "category", "jenis": "kind", "bagian": "unit", "petugas": "handler"}


def single_values(form) -> dict[str, str]:
    """Each field once, as text: a repeated field is refused, never silently halved."""
    twice = {name: [TWICE] for name in form.data if name != "csrf_token" and len(request.form.getlist(name)) > 1}
    if twice:
        raise FormRejected(twice)
    return {name: value if isinstance(value, str) else "" for name, value in form.data.items()}


def sent_files() -> list[files.File]:
    """Every file of the form; the empty inputs arrive without a name. Raises NoSpaceLeft."""
    named = [part for part in request.files.getlist("files") if part.filename]
    if named:
        demand_space()
    return [files.File(part.read(), part.filename) for part in named]


def wanted_filters() -> Filters:
    """Filters of the address; a value that no list offers finds nothing, so nothing is checked."""
    return Filters(**{field: request.args.get(name, "")[:40] for name, field in PARAMETERS.items()})


def file_response(row: TicketAttachment, size: str = "full") -> Response:
    """A file on its way to one who may see it: never cached, never run as anything else."""
    small = size == "small" and row.thumbnail_key is not None
    response = Response(files.read(row, "small" if small else "full"), mimetype=row.content_type)
    ending = ENDINGS.get(row.content_type, row.content_type.rpartition("/")[2])
    shown = "inline" if row.kind in (PHOTO, AUDIO) else "attachment"
    response.headers["Content-Disposition"] = f'{shown}; filename="lampiran.{ending}"'
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    return response
