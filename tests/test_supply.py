"""What Loket is made of: the SBOM against the schema of CycloneDX, the audit against a source of advisories."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cyclonedx.schema import OutputFormat
from cyclonedx.validation import make_schemabased_validator

from tests.live import free_port
from tools import audit, sbom

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def bom() -> dict:
    return json.loads(sbom.as_json(sbom.make_bom()))


def test_the_sbom_is_valid_cyclonedx(bom):
    validator = make_schemabased_validator(OutputFormat.JSON, sbom.SCHEMA)
    assert validator.validate_str(json.dumps(bom)) is None
    assert validator.validate_str(json.dumps({**bom, "bomFormat": "Other"})) is not None, "it does look"


def test_every_pin_is_in_it_with_its_version_and_who_wants_it(bom):
    found = {component["purl"] for component in bom["components"]}
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line.split()[0].split("==") for line in lines if "==" in line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    for name, version in pins:
        assert f"pkg:pypi/{name.split('[')[0]}@{version}" in found
    wants = {entry["ref"]: entry.get("dependsOn", []) for entry in bom["dependencies"]}
    assert any(ref.startswith("pypi:flask@") for ref in wants["loket"])
    flask = next(ref for ref in wants if ref.startswith("pypi:flask@"))
    assert any(ref.startswith("pypi:werkzeug@") for ref in wants[flask])


def test_the_vendored_script_is_in_it_with_its_hash_and_licence(bom):
    script = next(component for component in bom["components"] if component["name"] == "htmx.org")
    path = ROOT / script["properties"][0]["value"]
    assert script["purl"] == f"pkg:npm/htmx.org@{script['version']}" and script["version"] in path.name
    assert script["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]
    assert script["licenses"] == [{"license": {"id": "0BSD"}}]


def test_a_pin_with_a_marker_says_where_it_holds():
    pinned, wanted = sbom.read_lock(
        "alpha==1.0 ; sys_platform != 'win32' \\\n    --hash=sha256:aa\n"
        "    # via\n    #   -r requirements.in\n    #   beta\n"
        "beta[x]==2.0 \\\n    --hash=sha256:bb\n    # via -r requirements.in\n"
    )
    assert pinned == [("alpha", "1.0", "sys_platform != 'win32'"), ("beta", "2.0", "")]
    assert wanted[pinned[0]] == {"-r requirements.in", "beta"} and wanted[pinned[1]] == {"-r requirements.in"}


class Advisories(HTTPServer):
    """Answers like OSV. `known`: package -> id of a hole."""

    def __init__(self, known: dict[str, str]):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.known = known

    @property
    def options(self) -> list[str]:
        return ["--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{self.server_port}/v1/query"]


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        hole = self.server.known.get(asked["package"]["name"])
        package = {"name": asked["package"]["name"], "ecosystem": "PyPI"}
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}]
        vulns = [{"id": hole, "affected": [{"package": package, "ranges": ranges}]}] if hole else []
        body = json.dumps({"vulns": vulns} if vulns else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def advisories():
    """advisories({"flask": "PYSEC-1"}) -> options that lead pip-audit to a source knowing that."""
    running = []

    def serve(known: dict[str, str]) -> list[str]:
        server = Advisories(known)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return server.options

    yield serve
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def few_pins(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.txt"
    lock.write_text("flask==3.1.0\nwaitress==3.0.2\n")
    monkeypatch.setattr(audit, "LOCK", lock)
    monkeypatch.setattr(audit, "print_libraries", lambda: False)


def test_a_known_hole_of_a_pinned_package_is_named_and_fails(few_pins, advisories, capsys):
    assert audit.main(advisories({"jinja2": "PYSEC-2019-217", "flask": "PYSEC-2026-1"})) == 1
    told = capsys.readouterr().out
    assert "flask 3.1.0: PYSEC-2026-1, fixed in 999" in told and "2 packages looked up, 1 known" in told


def test_an_all_clear_is_believed_of_a_source_that_knows_the_old_hole(few_pins, advisories, capsys):
    assert audit.main(advisories({"jinja2": "PYSEC-2019-217"})) == 0
    assert "2 packages looked up, 0 known" in capsys.readouterr().out


def test_a_source_that_knows_nothing_at_all_gives_no_all_clear(few_pins, advisories, capsys):
    assert audit.main(advisories({})) == 2
    assert "NOTHING was looked up" in capsys.readouterr().out


@pytest.mark.server
def test_a_source_that_cannot_be_reached_is_told_plainly_with_the_table_of_c_libraries(capfd):
    nowhere = f"http://127.0.0.1:{free_port()}/v1/query"
    assert audit.main(["--vulnerability-service", "osv", "--osv-url", nowhere]) == 2
    told = capfd.readouterr()
    assert "cannot be reached" in told.out and "no all-clear" in told.out and "libheif" in told.out
    assert "Traceback" not in told.out + told.err
