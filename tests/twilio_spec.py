"""Twilio's own OpenAPI, as their command line tool ships it on npm; fetched when the tests run and
never committed. Requests and answers are held to it by openapi-core.

Without npm or network the tests of messages run all the same, unchecked; `test_twilio_spec.py` then
says so, as a skip, and with CI=true as a failure."""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

PACKAGE = "@twilio/cli-core@9.0.0"
FOLDER = "package/src/services/twilio-api"
# host -> file and its SHA-256 in that release
FILES = {
    "api.twilio.com": (
        "twilio_api_v2010.json", "170b3ccd0f891416840083d72f1795b1499b14a18d4873fd2b39f47ef84642d6"),
    "content.twilio.com": (
        "twilio_content_v1.json", "572629da3287c5acf114d7f026f05798bc583bcc2badede87611f3490ba9de5a"),
}


class SpecUnavailable(Exception):
    """Why the specification could not be had."""


def fetch_spec(folder: Path) -> Path:
    """Fill `folder` from npm once; returns it. Raises SpecUnavailable.

    Several test processes may do so at once: each fetches beside it, and whole files are moved in.
    """
    if all((folder / name).exists() for name, _ in FILES.values()):
        return folder
    if shutil.which("npm") is None:
        raise SpecUnavailable("npm is missing, so Twilio's OpenAPI cannot be fetched")
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        for name, data in _unpacked(_fetched(Path(beside))).items():
            (Path(beside) / name).write_bytes(data)
            (Path(beside) / name).replace(folder / name)
    return folder


def _fetched(folder: Path) -> Path:
    try:
        done = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired:
        raise SpecUnavailable(f"npm pack {PACKAGE} did not end within two minutes") from None
    archive = next(folder.glob("*.tgz"), None)
    if done.returncode or archive is None:
        raise SpecUnavailable(f"npm pack {PACKAGE} failed: {done.stderr.strip()[-200:]}")
    return archive


def _unpacked(archive: Path) -> dict[str, bytes]:
    found = {}
    with tarfile.open(archive) as packed:
        for name, digest in FILES.values():
            found[name] = packed.extractfile(f"{FOLDER}/{name}").read()
            if hashlib.sha256(found[name]).hexdigest() != digest:
                raise SpecUnavailable(f"{name} in {PACKAGE} is not the file these tests were written for")
    return found


class Spec:
    """Checks one exchange at a time; `violations` collects what does not conform."""

    def __init__(self, folder: Path):
        self._apis = {
            host: OpenAPI.from_dict(json.loads((folder / name).read_text())) for host, (name, _) in FILES.items()
        }
        self.violations: list[str] = []

    def check_request(self, host: str, method: str, target: str, headers: dict, body: bytes) -> None:
        self._try(f"{method} {host}{urlsplit(target).path}", lambda: self._apis[host].validate_request(
            _request(host, method, target, headers, body)
        ))

    def check_answer(self, host: str, method: str, target: str, status: int, body: bytes) -> None:
        """Only successes: the specification documents no others."""
        if not 200 <= status < 300:
            return
        content_type = "application/json" if body else ""
        answer = MockResponse(data=body, status_code=status, content_type=content_type)
        self._try(f"answer to {method} {host}{urlsplit(target).path}", lambda: self._apis[host].validate_response(
            _request(host, method, target, {"Authorization": "Basic eDp5"}, b""), answer
        ))

    def take_violations(self) -> list[str]:
        """What was found since the last call."""
        found, self.violations = self.violations, []
        return found

    def _try(self, what: str, check) -> None:
        try:
            check()
        except OpenAPIError as error:
            cause = error.__cause__ or error
            details = [str(e.message) for e in getattr(cause, "schema_errors", [])]
            self.violations.append(f"{what}: {type(error).__name__} {cause} {details}")


def _request(host: str, method: str, target: str, headers: dict, body: bytes) -> MockRequest:
    parts = urlsplit(target)
    return MockRequest(
        f"https://{host}", method.lower(), parts.path, args=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers=headers, data=body, content_type=headers.get("Content-Type", "").partition(";")[0],
    )
