"""A resident's device over real sockets, for a server in another process: cookies, tokens, raw bytes."""

import http.client
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.builders import PHOTO_SLUGS, RESIDENT

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "----batasuji7f3a"


@dataclass(frozen=True)
class Answer:
    """`headers` by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def part(disposition: str, content: bytes, more: str = "") -> bytes:
    """One part of a multipart body; `disposition` is what follows 'form-data; '."""
    head = f"Content-Disposition: form-data; {disposition}\r\n{more}\r\n"
    return f"--{BOUNDARY}\r\n".encode() + head.encode("utf-8", "surrogateescape") + content + b"\r\n"


def photo_part(data: bytes, filename: str = "foto.jpg", more: str = "Content-Type: image/jpeg\r\n") -> bytes:
    """The file of a photo step; its name is escaped the way browsers do."""
    name = filename.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    return part(f'name="photo"; filename="{name}"', data, more)


def multipart(*parts: bytes) -> tuple[bytes, str]:
    """Body and content type."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


class Visitor:
    """`token` is the CSRF token of the last page; errors of the connection are raised as OSError."""

    def __init__(self, port: int, timeout: float = 60):
        self.port, self.timeout = port, timeout
        self.cookies: dict[str, str] = {}
        self.token = ""

    @property
    def cookie_line(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Header names with an underscore for the dash."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            named["Cookie"] = self.cookie_line
        try:
            connection.request(method, path, body or None, named)
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except http.client.HTTPException as cut:
            raise ConnectionError(str(cut)) from cut
        finally:
            connection.close()
        for cookie in response.msg.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def open(self, path: str) -> Answer:
        answer = self.request("GET", path)
        found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', answer.body)
        self.token = found.group(1).decode() if found else self.token
        return answer

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        body = urlencode({"csrf_token": self.token, **fields}).encode()
        return self.request("POST", path, body, Content_Type=FORM, **headers)

    def upload(self, path: str, data: bytes, upload_id: str = "") -> Answer:
        body, kind = multipart(
            part('name="csrf_token"', self.token.encode()), part('name="upload_id"', upload_id.encode()),
            photo_part(data),
        )
        return self.request("POST", path, body, Content_Type=kind)

    def begins(self) -> "Visitor":
        """A draft with its data; the photos are next."""
        for path, form in (("/daftar", {"notice": "y"}), ("/daftar/data", RESIDENT)):
            self.open(path)
            sent = self.post(path, form)
            assert sent.status == 303, f"{path} {sent.status}"
        self.open("/daftar/ktp")
        return self

    def sends_photos(self, photos: dict[str, bytes]) -> "Visitor":
        for slug, kind in PHOTO_SLUGS.items():
            assert self.upload(f"/daftar/{slug}", photos[kind]).status == 303
        return self


def exchange(port: int, raw: bytes, seconds: float = 5) -> bytes:
    """All that comes back for `raw` until the server closes or is quiet for `seconds`."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        with suppress(ConnectionError):  # refused before everything was taken; the answer is there
            connection.sendall(raw)
        with suppress(TimeoutError, ConnectionError):
            while piece := connection.recv(65536):
                answer += piece
    return answer


def status_of(answer: bytes) -> int:
    """Status of the first answer, 0 when there is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(found.group(1)) if found else 0
