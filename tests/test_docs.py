"""The documents tell the truth: the picture of the house, the paths, the commands, the settings, the pointers."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from app.process.cli import COMMANDS
from app.settings.mail import MailSettings
from app.settings.settings import Settings
from tests.test_rooms import APP, MAY_IMPORT, OUTSIDE
from tools.prove_changes import CHANGES, load

ROOT = APP.parent
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
README = (ROOT / "README.md").read_text()
WRITTEN = (".py", ".md", ".html", ".txt", ".css", ".js", ".toml", ".sh", ".in", ".cfg")
FOLDERS = ("app", "bench", "docs", "static", "templates", "tests", "tools")
# papers that lay beside the house while it was built: nobody who reads the repository has them
ABSENT = re.compile(
    r"\breference/|\bfindings/|\bissue #?\d|\bdesign,? (?:section|\d)|\bthe seed\b|\bshared/(?:design|cases)",
    re.IGNORECASE,
)


def test_the_tree_shows_the_rooms_there_are():
    shown = set(re.findall(r"^  (\w+)/ ", ARCHITECTURE, re.MULTILINE))
    there = {path.name for path in APP.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert shown == there, f"docs/architecture.md: add {sorted(there - shown)}, take out {sorted(shown - there)}"


def test_the_picture_shows_the_arrows_that_the_plan_allows():
    drawn = {room: set() for room in MAY_IMPORT}
    for room, imported in arrows_drawn():
        if room not in OUTSIDE:
            drawn[room].add(imported)
    for room, allowed in MAY_IMPORT.items():
        expected = allowed - {room}
        missing, wrong = sorted(expected - drawn[room]), sorted(drawn[room] - expected)
        assert not missing and not wrong, f"docs/architecture.md, {room}: draw {missing}, take out {wrong}"


def test_who_holds_the_house_together_is_drawn_above_it():
    assert set(frames()["together"]) == OUTSIDE - {"__init__"}


def test_every_path_a_document_names_is_there():
    for page in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for path in re.findall(r"`((?:app|docs|templates|tests|tools|static)/[\w./-]+)`", page.read_text()):
            assert (ROOT / path).exists(), f"{page.relative_to(ROOT)} sends the reader to {path}"


def test_every_file_that_a_module_or_a_template_names_is_there():
    there = {path.as_posix() for path in sorted(ROOT.rglob("*.*")) if ".venv" not in path.parts}
    for path in [*APP.rglob("*.py"), *(ROOT / "templates").rglob("*.html")]:
        for named in re.findall(r"(?<![\w/.:-])((?:[a-z_]+/)+[\w-]+\.(?:py|html|md|toml))\b", path.read_text()):
            assert any(one.endswith(f"/{named}") for one in there), f"{path.relative_to(ROOT)} speaks of {named}"


def test_rules_are_taken_out_of_files_there_are_before_tests_there_are():
    """A module that moved is tried by nobody, and the share of what is noticed stays as good as ever."""
    table = tomllib.loads((ROOT / "tools" / "mutation.toml").read_text()).values()
    named = [name for row in table for name in (*row["modules"], *(f"tests/{test}.py" for test in row["tests"]))]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_change_that_is_proved_still_finds_its_places():
    """`tools/prove_changes.py` makes them for real, a minute each; that they can be made at all is seen here."""
    changes = [load(path) for path in sorted(CHANGES.glob("*/change.py"))]
    lost = [
        f"{path}: {old[:40]!r}" for change in changes for path, old, _ in change.EDITS
        if old and (ROOT / path).read_text().count(old) != 1
    ]
    assert changes and not lost, "\n".join(lost)


def test_every_name_the_walks_and_the_table_give_stands_in_the_file_they_give():
    pairs = re.findall(r"`(\w+)`\s\(`(app/[\w/]+\.py)`\)", ARCHITECTURE)
    pairs += [(name, path) for path, name in re.findall(r"`(app/[\w/]+\.py)`: `(\w+)`", ARCHITECTURE)]
    assert len(pairs) > 10
    for name, path in pairs:
        defined = rf"^(?:def {name}\(|class {name}\b|{name}\b.*=)"
        assert re.search(defined, (ROOT / path).read_text(), re.MULTILINE), f"{path} has no {name}"


def test_no_comment_sends_the_reader_to_a_paper_he_does_not_have():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources() for number, line in enumerate(path.read_text().splitlines(), 1) if ABSENT.search(line)
    ]
    assert not found, "give the reason, or put it into docs/ and point there:\n" + "\n".join(found)


def test_every_pointer_into_the_documents_meets_a_page_and_its_number_a_chapter():
    for path in sources():
        text = path.read_text()
        for page in set(re.findall(r"\bdocs/[\w/-]+\.md", text)):
            assert (ROOT / page).is_file(), f"{path.relative_to(ROOT)} points to {page}"
        for chapter in set(re.findall(r"docs/facts\.md,? (\d+)", text)):
            assert f"\n## {chapter}. " in (ROOT / "docs/facts.md").read_text(), f"{path}: facts.md has no {chapter}"


def test_every_command_of_the_table_is_there_under_its_name(app):
    asked = click.Context(app.cli)
    assert {name: app.cli.get_command(asked, name).name for name in COMMANDS} == {name: name for name in COMMANDS}


def test_every_command_the_readme_names_exists(app):
    for line in re.findall(r"flask --app wsgi ((?:[a-z]+ ?)+)", README):
        group = app.cli
        for name in line.split():
            if not isinstance(group, click.Group) or name == "db":  # Flask-Migrate's own
                break
            group = group.get_command(click.Context(group), name)
            assert group, f"README.md: flask --app wsgi {line}"
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md"])
def test_every_setting_a_document_names_is_read_somewhere(page):
    code = "\n".join(path.read_text() for path in APP.rglob("*.py"))
    known = {field.alias or name.upper() for name, field in Settings.model_fields.items()}
    known |= {f"MAIL_{name.upper()}" for name in MailSettings.model_fields}
    for name in re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)[`=]", (ROOT / page).read_text()):
        read = name in known or f'"{name}' in code or name.startswith(("MAIL_IMAP_", "MAIL_SMTP_", "AWS_"))
        assert read, f"{page} names {name}, which nothing reads"


def frames() -> dict[str, list[str]]:
    found = re.findall(r"subgraph (\w+) \[.*\]\n((?:.*\n)*?)  end", ARCHITECTURE)
    return {name: re.findall(r"\w+", rooms) for name, rooms in found}


def arrows_drawn():
    """(room, room or room.module or "room (owed)") for each arrow of the picture, frames opened up."""
    inside = frames()
    for start, line, end in re.findall(r"^  (\w+) (-[-.].*)> (\w+)$", ARCHITECTURE, re.MULTILINE):
        label = line.strip(" -.")
        for room in inside.get(start, [start]):
            for imported in inside.get(end, [end]):
                yield room, f"{imported} (owed)" if label == "owed" else f"{imported}.{label}" if label else imported


def sources() -> list[Path]:
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    written = [path for path in [*inside, *ROOT.glob("*.md")] if path.is_file() and path.suffix in WRITTEN]
    return [path for path in written if "data" not in path.parts and path.name != Path(__file__).name]
