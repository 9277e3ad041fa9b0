"""What is read of a request body, and how much of it (reference/security.md 2.1, trap 7)."""

from flask import Flask, request
from werkzeug import formparser
from werkzeug.datastructures import Headers
from werkzeug.sansio.multipart import MultipartDecoder

# the longest form of texts is a complaint of 5000 characters, each up to 12 bytes when percent-encoded
MAX_TEXT_BODY = 256 * 1024


class ForgivingDecoder(MultipartDecoder):
    """A file name that is not UTF-8 must not lose the whole form.

    Werkzeug drops every field of a request when one header of one part does not decode, and old
    phones hand over names in other encodings (security.md 3, fn_surrogate). Names are never used, so
    a replacement character does. Leans on werkzeug 3.1 (pinned).
    """

    def _parse_headers(self, data: bytes) -> Headers:
        return super()._parse_headers(bytes(data).decode("utf-8", "replace").encode())


def init_bodies(app: Flask) -> None:
    """Call it before anything that reads a form, such as the CSRF check."""
    formparser.MultipartDecoder = ForgivingDecoder  # werkzeug has no setting for it
    app.before_request(_cap_texts)


def _cap_texts() -> None:
    """Only files need room. Werkzeug's own limit for texts does not know urlencoded bodies, and a
    wrong field of megabytes would be sent back with its error."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MAX_TEXT_BODY
