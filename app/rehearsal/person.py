"""A person at a browser, over the public address: cookies, forms and their tokens, nothing of the inside."""

import html
import re
import secrets
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

SECONDS = 30
AGENT = "Loket-gladi/1"


@dataclass(frozen=True)
class Page:
    status: int
    address: str
    text: str

    def field(self, name: str) -> str:
        """What a field of the page holds; "" when it has none."""
        tag = re.search(rf'<input[^>]*\bname="{re.escape(name)}"[^>]*>', self.text)
        value = re.search(r'\bvalue="([^"]*)"', tag.group()) if tag else None
        return html.unescape(value.group(1)) if value else ""

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.DOTALL)
        return re.sub(r"<[^>]+>|\s+", " ", found.group(1)).strip() if found else ""

    @property
    def words(self) -> str:
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.text)).split())


class Person:
    """Raises OSError when nobody answers."""

    def __init__(self, base: str):
        self._base = base
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("User-Agent", AGENT)]
        self.page = Page(0, base, "")

    def open(self, path: str) -> Page:
        return self._ask(Request(urljoin(self._base, path)))  # noqa: S310 (our own address)

    def send(self, path: str, fields: dict[str, str]) -> Page:
        """A form, with the token of the page in front of us."""
        body = urlencode({"csrf_token": self.page.field("csrf_token"), **fields}).encode()
        return self._ask(Request(urljoin(self._base, path), body))  # noqa: S310 (our own address)

    def send_photo(self, path: str, photo: bytes) -> Page:
        edge = secrets.token_hex(12)
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{self.page.field("csrf_token")}\r\n',
            f'--{edge}\r\nContent-Disposition: form-data; name="photo"; filename="foto.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n",
        ]
        body = "".join(parts).encode() + photo + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self._ask(Request(urljoin(self._base, path), body, kind))  # noqa: S310 (our own address)

    def _ask(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                self.page = Page(answer.status, answer.url, answer.read().decode("utf-8", "replace"))
        except HTTPError as refused:
            self.page = Page(refused.code, request.full_url, refused.read().decode("utf-8", "replace"))
        return self.page
