"""Reading what a complaint page sent: every file, and a file going out again."""

from flask import Response, request

from app.complaints.ticket import files
from app.complaints.ticket.models import PHOTO, TicketAttachment
from app.photos.disk_space import demand_space
from app.photos.proof import ENDINGS
from app.web.headers import PHOTO_CSP


def sent_files() -> list[files.File]:
    """Every file of the form; the empty inputs arrive without a name. Raises NoSpaceLeft."""
    named = [part for part in request.files.getlist("files") if part.filename]
    if named:
        demand_space()
    return [files.File(part.read(), part.filename) for part in named]


def file_response(row: TicketAttachment, size: str = "full") -> Response:
    """A file on its way to one who may see it: never cached, never run as anything else."""
    small = size == "small" and row.thumbnail_key is not None
    response = Response(files.read(row, "small" if small else "full"), mimetype=row.content_type)
    is_played = row.content_type.startswith(("audio/", "video/"))
    ending = ENDINGS.get(row.content_type, "bin")
    shown = "inline" if (row.kind == PHOTO or is_played) and "unduh" not in request.args else "attachment"
    response.headers["Content-Disposition"] = f'{shown}; filename="lampiran.{ending}"'
    response.headers["Content-Security-Policy"] = PHOTO_CSP
    # a player asks for pieces, to start before the end and to be turned back
    return response.make_conditional(request, accept_ranges=True, complete_length=response.calculate_content_length()) \
        if is_played else response
