"""Makes each change of docs/changing.md in a copy of the repository, walks it through, and counts its files.

    python -m tools.prove_changes            all of them
    python -m tools.prove_changes new_field  one of them

A change is a folder of tools/changes/ with `change.py` (MOST, the greatest number of files, and EDITS, a list of
(path, old text, new text) with an old text of "" for a new file) and `walk.py`, a test of pytest that must
pass after the change and must fail before it.
"""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHANGES = Path(__file__).resolve().parent / "changes"


def main(names: list[str]) -> int:
    folders = [CHANGES / name for name in names] or sorted(path.parent for path in CHANGES.glob("*/change.py"))
    failed = [folder.name for folder in folders if not prove(folder)]
    return 1 if failed else 0


def prove(folder: Path) -> bool:
    change = load(folder / "change.py")
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        copy_tracked(copy)
        shutil.copy(folder / "walk.py", copy / "tests" / "test_walk.py")
        before = walks(copy, is_told=False)
        touched = apply(change.EDITS, copy)
        after = walks(copy, is_told=True)
    is_proved = not before and after and len(touched) <= change.MOST
    state = "proved" if is_proved else f"NOT proved (walked before: {before}, after: {after})"
    print(f"{folder.name}: {len(touched)} of at most {change.MOST} files, {state}")
    print("".join(f"  {path}\n" for path in touched), end="", flush=True)
    return is_proved


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.parent.name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy_tracked(place: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)


def apply(edits: list[tuple[str, str, str]], place: Path) -> list[str]:
    """A new migration follows the last one, which it calls HEAD. Raises ValueError for an old text that stands there
    more or less often than once."""
    head = max(path.name for path in (place / "app/migrations/versions").glob("[0-9]*.py")).partition("_")[0]
    for path, old, new in edits:
        target = place / path
        text = target.read_text() if old else ""
        if old and text.count(old) != 1:
            raise ValueError(f"{path} holds {old[:40]!r} {text.count(old)} times: mend the change")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace(old, new) if old else new.replace("= HEAD\n", f"= {head!r}\n"))
    return sorted({path for path, _, _ in edits})


def walks(place: Path, is_told: bool) -> bool:
    """`is_told`: why it failed is printed."""
    options = ("-q", "-x", "-p", "no:cacheprovider", "--show-capture=no", "--tb=short")
    command = [sys.executable, "-m", "pytest", *options, "tests/test_walk.py"]
    answer = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if answer.returncode > 1 or (answer.returncode and is_told):
        print(answer.stdout[-3000:], answer.stderr[-2000:])
    return answer.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
