"""Twilio's own OpenAPI, kept in tests/data/twilio. Requests and answers are held to it by openapi-core.

`make twilio-spec` renews it from the npm package of Twilio's command line tool (the one place where
they ship it as files); the tests themselves use no network. SOURCE.json says which release was taken
on which day.
"""

import gzip
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

KEPT = Path(__file__).resolve().parent / "data" / "twilio"
SOURCE = KEPT / "SOURCE.json"
PACKAGE = "@twilio/cli-core"
FOLDER = "package/src/services/twilio-api"
FILES = {"api.twilio.com": "twilio_api_v2010.json", "content.twilio.com": "twilio_content_v1.json"}


def kept_description(name: str) -> dict:
    """One of FILES as kept here. Raises ValueError when it is not the file that SOURCE.json names."""
    data = gzip.decompress((KEPT / f"{name}.gz").read_bytes())
    if hashlib.sha256(data).hexdigest() != json.loads(SOURCE.read_text())["sha256"][name]:
        raise ValueError(f"{name} is not the file that SOURCE.json names: run make twilio-spec")
    return json.loads(data)


def _without_uris(described):
    """Without `format: uri`: Twilio describes its paging addresses so and answers them relative, in its own
    examples too; whether jsonschema minds depends on a package that may or may not be installed."""
    if isinstance(described, dict):
        return {k: _without_uris(v) for k, v in described.items() if (k, v) != ("format", "uri")}
    return [_without_uris(part) for part in described] if isinstance(described, list) else described


def renew(version: str = "latest") -> str:
    """Fetch a release from npm and keep its two files; returns what was kept. Raises CalledProcessError, and
    jsonschema's ValidationError when a file is no OpenAPI."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", f"{PACKAGE}@{version}"], cwd=folder, check=True, timeout=120,
            stdout=subprocess.DEVNULL,
        )
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
            about = json.load(packed.extractfile("package/package.json"))
            notice = packed.extractfile("package/LICENSE").read()
            found = {name: packed.extractfile(f"{FOLDER}/{name}").read() for name in FILES.values()}
    for data in found.values():
        OpenAPI.from_dict(json.loads(data))
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / "LICENSE").write_bytes(notice)
    for name, data in found.items():
        (KEPT / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))  # the same bytes for the same file
    source = {
        "package": f"{about['name']}@{about['version']}", "license": about["license"],
        "taken_on": date.today().isoformat(),
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in found.items()},
    }
    SOURCE.write_text(json.dumps(source, indent=2) + "\n")
    return f"{source['package']}, taken on {source['taken_on']}"


class Spec:
    """Checks one exchange at a time; `violations` collects what does not conform. That the kept files are OpenAPI
    themselves, which takes a second to see, was seen when they were kept."""

    def __init__(self):
        self._apis = {
            host: OpenAPI.from_dict(_without_uris(kept_description(name)), config=Config(spec_validator_cls=None))
            for host, name in FILES.items()
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


if __name__ == "__main__":
    print(f"kept {renew(*sys.argv[1:2])}")
