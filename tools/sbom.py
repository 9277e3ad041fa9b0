"""`python -m tools.sbom [FILE]`: what Loket is made of, as CycloneDX JSON, on the screen or into FILE.

Read from requirements.txt, whose comments tell what wants what, and from the scripts in static/js; the
licences from what is installed. The same pins give the same file but for its time.
"""

import hashlib
import re
import sys
import uuid
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
SCRIPTS = ROOT / "static" / "js"
SCHEMA = SchemaVersion.V1_6
PIN = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?"
)
WANTED_BY = re.compile(r"^    #(?: via|  ) (?P<who>\S.*)$")
DIRECT = "-r requirements.in"
VENDORED = re.compile(r"^(?P<name>[a-z]+)-(?P<version>\d+(?:\.\d+)+)\.min\.js$")
# file name -> package name and licence
SCRIPT_PACKAGES = {"htmx": ("htmx.org", "0BSD")}
LICENCES = LicenseFactory()


def make_bom() -> Bom:
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(LOCK.read_bytes()).hexdigest()))
    root = Component(name="loket", type=ComponentType.APPLICATION, bom_ref="loket")
    bom.metadata.component = root
    pinned, wanted = read_lock(LOCK.read_text())
    parts = {key: _package(*key) for key in pinned}
    scripts = [_script(path) for path in sorted(SCRIPTS.glob("*.min.js"))]
    for component in (*parts.values(), *scripts):
        bom.components.add(component)
    bom.register_dependency(root, [*(part for key, part in parts.items() if DIRECT in wanted[key]), *scripts])
    for (name, _version, _marker), component in parts.items():
        bom.register_dependency(component, [part for key, part in parts.items() if name in wanted[key]])
    return bom


def read_lock(text: str) -> tuple[list[tuple[str, str, str]], dict[tuple[str, str, str], set[str]]]:
    """(name, version, marker or "") of every pin, and who wants each: package names, or DIRECT."""
    pinned, wanted = [], {}
    for line in text.splitlines():
        if found := PIN.match(line):
            pinned.append((found["name"], found["version"], (found["marker"] or "").strip()))
            wanted[pinned[-1]] = set()
        elif pinned and (who := WANTED_BY.match(line)):
            wanted[pinned[-1]].add(who["who"])
    return pinned, wanted


def as_json(bom: Bom) -> str:
    return make_outputter(bom, OutputFormat.JSON, SCHEMA).output_as_string(indent=2)


def _package(name: str, version: str, marker: str) -> Component:
    return Component(
        name=name, version=version, type=ComponentType.LIBRARY, bom_ref=f"pypi:{name}@{version}",
        purl=PackageURL("pypi", None, name, version), licenses=_licences(name),
        properties=[Property(name="loket:only-where", value=marker)] if marker else [],
    )


def _licences(name: str) -> list:
    """As the installed package says it; none when it is not installed here or says nothing usable."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return []
    if told["License-Expression"]:
        return [LICENCES.make_from_string(told["License-Expression"])]
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier", []) if one.startswith("License ::")]
    return [LICENCES.make_with_name(one) for one in classified]


def _script(path: Path) -> Component:
    """Raises SystemExit for a script nobody has said the licence of."""
    found = VENDORED.match(path.name)
    if found is None or found["name"] not in SCRIPT_PACKAGES:
        raise SystemExit(f"tools/sbom.py: say in SCRIPT_PACKAGES what {path.name} is.")
    name, licence = SCRIPT_PACKAGES[found["name"]]
    return Component(
        name=name, version=found["version"], type=ComponentType.LIBRARY, bom_ref=f"npm:{name}@{found['version']}",
        purl=PackageURL("npm", None, name, found["version"]), licenses=[LICENCES.make_from_string(licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(path.read_bytes()).hexdigest())],
        properties=[Property(name="loket:file", value=path.relative_to(ROOT).as_posix())],
    )


if __name__ == "__main__":
    made = make_bom()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(as_json(made) + "\n")
        print(f"{len(made.components)} components written to {sys.argv[1]}")
    else:
        print(as_json(made))
