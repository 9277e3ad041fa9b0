"""What is read of a request body, how much of it, and when."""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

from flask import Flask, Request, request
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData
from werkzeug.utils import cached_property

# the longest form of texts is a complaint of 5000 characters, each up to 12 bytes when percent-encoded
MAX_TEXT_BODY = 256 * 1024
SPARE_BODY = 24 << 20  # a 30 MB photo still gets the app's own 413 page instead of a cut line
PIECE = 64 * 1024


class ForgivingDecoder(MultipartDecoder):
    """A file name that is not UTF-8 must not lose the whole form.

    Werkzeug drops every field of a request when one header of one part does not decode, and old
    phones hand over names in other encodings. Names are never used, so a replacement character does.
    It also compiles two patterns for the boundary of each form, 1.4 ms; here each is looked for as it is.
    """

    def __init__(self, boundary: bytes, **limits: int | None):
        super().__init__(b"", **limits)  # its patterns are compiled once
        self.boundary = boundary
        self.preamble_re = BoundaryLine(boundary, may_begin=True)
        self.boundary_re = BoundaryLine(boundary, may_begin=False)

    def _parse_headers(self, data: bytes) -> Headers:
        return super()._parse_headers(bytes(data).decode("utf-8", "replace").encode())


class FoundLine(NamedTuple):
    """What Werkzeug asks of a match."""

    begin: int
    rest: re.Match[bytes]

    def start(self) -> int:
        return self.begin

    def end(self) -> int:
        return self.rest.end()

    def group(self, number: int) -> bytes:
        return self.rest.group(number)


class BoundaryLine:
    """Finds what Werkzeug's patterns find: the line break before a boundary (`may_begin`: if there is one), the
    boundary, and the rest of its line."""

    REST = re.compile(rb"(--[^\S\n\r]*(?:\r\n|\n|\r)?|[^\S\n\r]*(?:\r\n|\n|\r))")

    def __init__(self, boundary: bytes, may_begin: bool):
        self._line, self._may_begin = b"--" + boundary, may_begin

    def search(self, data: bytearray, position: int = 0) -> FoundLine | None:
        at = data.find(self._line, position)
        while at >= 0:
            before = bytes(data[max(position, at - 2) : at])
            broken = 2 if before == b"\r\n" else 1 if before[-1:] in (b"\r", b"\n") else 0
            rest = self.REST.match(data, at + len(self._line)) if broken or self._may_begin else None
            if rest:
                return FoundLine(at - broken, rest)
            at = data.find(self._line, at + 1)
        return None


class FormParser(FormDataParser):
    """Werkzeug's, with the decoder above, for which it has no setting."""

    def _parse_multipart(self, stream, mimetype, content_length, options):
        boundary = options.get("boundary", "").encode("ascii")
        if not boundary:
            raise ValueError("a form of parts without a boundary")
        decoder = ForgivingDecoder(
            boundary, max_form_memory_size=self.max_form_memory_size, max_parts=self.max_form_parts
        )
        fields, files = [], []
        for part, chunks in _parts(decoder, stream):
            if isinstance(part, Field):
                fields.append((part.name, self._text(chunks)))
            else:
                files.append((part.name, self._file(part, chunks, content_length)))
        return stream, self.cls(fields), self.cls(files)

    def _parse_urlencoded(self, stream, mimetype, content_length, options):
        """A body without a length is cut at the limit in silence unless one byte more is asked for."""
        parsed = super()._parse_urlencoded(stream, mimetype, content_length, options)
        stream.read(1)
        return parsed

    def _text(self, chunks: Iterator[bytes]) -> str:
        text = bytearray()
        for chunk in chunks:
            text += chunk
            if self.max_form_memory_size is not None and len(text) > self.max_form_memory_size:
                raise RequestEntityTooLarge
        return text.decode("utf-8", "replace")

    def _file(self, part: File, chunks: Iterator[bytes], total: int | None) -> FileStorage:
        kept = self.stream_factory(
            total_content_length=total, filename=part.filename, content_type=part.headers.get("content-type"),
        )
        for chunk in chunks:
            kept.write(chunk)
        kept.seek(0)
        return FileStorage(kept, part.filename, part.name, headers=part.headers)


class BoundedRequest(Request):
    form_data_parser_class = FormParser

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """Without NUL, which nobody types into an address and PostgreSQL takes in no question."""
        given = super().args
        if b"%00" not in self.query_string and b"\0" not in self.query_string:
            return given
        return self.parameter_storage_class((name, value.replace("\0", "")) for name, value in given.items(multi=True))


def _parts(decoder: MultipartDecoder, stream: IO[bytes]) -> Iterator[tuple[Field | File, Iterator[bytes]]]:
    """Each part with its data, which has to be taken before the next part is asked for."""
    events = _events(decoder, stream)
    for event in events:
        if isinstance(event, Field | File):
            yield event, _data(events)


def _data(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return


def _events(decoder: MultipartDecoder, stream: IO[bytes]) -> Iterator[Event]:
    at_end = False
    while True:
        event = decoder.next_event()
        if isinstance(event, Epilogue):
            return
        if not isinstance(event, NeedData):
            yield event
        elif at_end:
            raise ValueError("a form of parts that stops in the middle")
        else:
            piece = stream.read(PIECE)
            at_end = not piece
            decoder.receive_data(piece or None)


def init_bodies(app: Flask) -> None:
    """Call it after what shapes answers (errors, headers) and before what reads a form (CSRF)."""
    app.request_class = BoundedRequest
    app.before_request(_read_whole)
    app.wsgi_app = _Drained(app.wsgi_app, app.config["MAX_CONTENT_LENGTH"])


def _read_whole() -> None:
    """A form with files is here before any database connection is taken, so that slow phones hold none.
    Only files need room: Werkzeug's own limit for texts does not know urlencoded bodies, and a wrong
    field of megabytes would be sent back with its error."""
    if "CONTENT_TYPE" in request.environ and request.mimetype == "multipart/form-data":
        _ = request.form
    else:
        request.max_content_length = MAX_TEXT_BODY


class _Drained:
    """Reads to its end a body that was refused unread for being a little too long. A browser looks
    for an answer only when it has sent everything, and would show a broken line."""

    def __init__(self, app, limit: int):
        self._app, self._limit = app, limit

    def __call__(self, environ, start_response):
        answer = self._app(environ, start_response)
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdecimal() and MAX_TEXT_BODY < int(length) <= self._limit + SPARE_BODY:
            while environ["wsgi.input"].read(PIECE):
                pass
        return answer
