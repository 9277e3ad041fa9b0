"""How waitress reads and refuses HTTP for us. Leans on waitress 3.0.* (pinned).

Requests whose length can be understood in two ways are refused, as gunicorn and nginx do: behind a
proxy that reads them the other way, a second request could hide inside the first (reference/
security.md 0, trap 14; CL.TE smuggling). What waitress itself refuses is said in Indonesian, with
the same headers as every other answer.
"""

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask

from app.headers import FIXED, NO_CAMERA

REFUSALS = {
    400: "Permintaan tidak dapat dibaca. Muat ulang halaman, lalu coba sekali lagi.",
    413: "Kiriman terlalu besar. Foto paling besar 15 MB. Foto ulang dengan ukuran lebih kecil, lalu kirim lagi.",
    431: "Permintaan terlalu panjang. Hapus kuki situs ini di peramban Anda, lalu coba lagi.",
    500: "Maaf, ada gangguan pada sistem kami. Coba lagi beberapa saat lagi.",
    501: "Permintaan tidak dapat dibaca. Muat ulang halaman, lalu coba sekali lagi.",
}
HEADERS = {
    **FIXED,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Content-Type": "text/plain; charset=utf-8",
    "Permissions-Policy": NO_CAMERA,
}


class StrictParser(HTTPRequestParser):
    """Refuses a body described by Transfer-Encoding and Content-Length, or twice by the former."""

    def parse_header(self, header_plus: bytes) -> None:
        refuse_two_lengths(header_plus)
        super().parse_header(header_plus)


def refuse_two_lengths(head: bytes) -> None:
    """Raises ParsingError, which waitress answers with 400 and a closed connection."""
    first, *lines = head.split(b"\r\n")
    codings, lengths = [], 0
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        codings += value.split(b",") if name == b"transfer-encoding" else []
        lengths += name == b"content-length"
    if codings and (lengths or len(codings) > 1 or first.rstrip().endswith(b"HTTP/1.0")):
        raise ParsingError("the length of the body is told twice")


class PlainRefusal(ErrorTask):
    """An answer made before Flask is asked: bad syntax, far too large, or a crash outside Flask."""

    def execute(self) -> None:
        error = self.request.error
        body = (REFUSALS.get(error.code, REFUSALS[400]) + "\n").encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(HEADERS.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    """One connection."""

    parser_class = StrictParser
    error_task_class = PlainRefusal

    def is_idle(self) -> bool:
        """Nothing received, being answered, or waiting to be sent."""
        return self.request is None and not self.requests and not self.total_outbufs_len
