"""Take the rules out one at a time and print the share that the tests notice: `make mutation`.

For each mutant of tools/mutants.py the tests that run through the changed statement run until one fails, in a copy of
a process that has collected them already (tools/trials.py). What a copy cannot see, a table above all, is put in the
place of the file while a new process imports the program. Nothing is written to the tree.

Left out: tests that start a browser or a server, which would not see the change, and those on PostgreSQL, which take
many times as long and nearly all run on SQLite, too; what stands under `equal` in tools/mutation.toml, with the reason;
log lines, and whether a dataclass is frozen. Of words only a whole row is dropped. docs/mutation.md has figures.

    python -m tools.mutation [-j 2] [--sample 40] [--seed 0] [states claims ...]
"""

import argparse
import contextlib
import importlib
import os
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tools.forked import Job, run_all
from tools.mutants import Line, Mutant, Place, choose
from tools.trials import BROKEN, KILLED, ROOT, SURVIVED, Found, Trials, read_instead, tests_at

TABLE = ROOT / "tools" / "mutation.toml"
QUIET = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", "--no-header",
         "-o", "tmp_path_retention_policy=none", "-m", "not (long or browser or server or postgres)"]
# slow to import and the same for every mutant: loaded once, before the processes part
PRELOADED = (
    "alembic", "argon2", "bs4", "cryptography.hazmat.primitives.ciphers.aead", "flask_login", "flask_migrate",
    "flask_wtf", "hypothesis", "limits", "openapi_core", "PIL.Image", "psycopg", "pytest",
    "sqlalchemy.orm", "structlog", "twilio.rest",
)
NOTHING_COLLECTED = 5
LIKELY = 12  # tests whose files are read first: reading all of them takes longer than most mutants live


class Killer:
    """A pytest plugin: writes which test failed first."""

    def __init__(self, into: Path):
        self.into = into

    def pytest_runtest_logreport(self, report):
        if report.failed and not self.into.exists():
            self.into.write_text(report.nodeid)


def main() -> int:
    options = _options()
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    table = tomllib.loads(TABLE.read_text())
    counts = {name: _rule(name, table[name], options) for name in options.rules or table}
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    print("\nrules         killed  of  share")
    for name, (killed, tried) in {**counts, "all": total}.items():
        print(f"{name:12} {killed:7} {tried:4} {100 * killed / max(1, tried):5.1f} %")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation")
    parser.add_argument("rules", nargs="*", help="names of tools/mutation.toml; all when none is given")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--sample", type=int, help="at most so many mutants of each name, chosen by chance")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _rule(name: str, row: dict[str, list], options: argparse.Namespace) -> tuple[int, int]:
    """(killed, tried)"""
    begun = time.monotonic()
    sources = {path: (ROOT / path).read_text() for path in row["modules"]}
    mutants = choose(sources, options.sample, options.seed, _equal(row, sources))
    with tempfile.TemporaryDirectory() as folder:
        found = _try_in_copies(name, row["tests"], partial(Trials, sources, mutants, options.jobs), Path(folder))
        late = len(found.late)
        _try_anew(mutants, found, options.jobs, Path(folder))
    verdicts = [found.verdicts[number] for number in range(len(mutants))]
    print(f"{name}: {len(mutants)} mutants ({late} begun anew), {len(found.tests)} tests, "
          f"{time.monotonic() - begun:.0f} s")
    for mutant, verdict in zip(mutants, verdicts, strict=True):
        if verdict != KILLED:
            print(f"  {verdict}: {mutant}", flush=True)
    return verdicts.count(KILLED), len(mutants)


def _equal(row: dict[str, list], sources: dict[str, str]) -> set[Line]:
    """Raises SystemExit when one of them is of a line that is not there any more."""
    told = {(equal["module"], equal["before"], after) for equal in row.get("equal", ()) for after in equal["after"]}
    for path, before, _ in told:
        if before not in map(str.strip, sources[path].splitlines()):
            raise SystemExit(f"{TABLE.name}: {path} has no line {before}")
    return told


def _try_in_copies(name: str, tests: list[str], trials: Callable[[Path], Trials], folder: Path) -> Found:
    """Raises SystemExit when the tests fail without any mutant."""
    into, output = folder / "found", folder / "output"
    files = [f"tests/{test}.py" for test in tests]
    run_all([(0, lambda: _run(files, output, folder / "tmp", trials(into)), 24 * 3600)], lambda number, status: None, 1)
    found = Found.read(into) if into.exists() else Found(failed=["the process died"])
    if found.failed:
        raise SystemExit(f"the tests of [{name}] fail without any mutant: {len(found.failed)}, the first:\n"
                         f"{found.failed[0]}\n{output.read_text()[-2000:]}")
    return found


def _try_anew(mutants: list[Mutant], found: Found, jobs: int, folder: Path) -> None:
    """Gives each mutant that the copies could not see its verdict."""
    def works() -> Iterator[Job]:
        for number in found.late:
            mutant = mutants[number]
            tests = tests_at(mutant, Place.of(mutant, (ROOT / mutant.path).read_text()), found)
            names = [test.name for test in tests]
            seconds = 15 + 3 * sum(test.seconds for test in tests)
            yield number, partial(_run_changed, mutant, names, folder / f"anew{number}"), seconds

    def note(number: int, status: int) -> None:
        # an import that fails, or a test without end, is noticed too
        found.verdicts[number] = {0: SURVIVED, NOTHING_COLLECTED: BROKEN}.get(status, KILLED)
        found.count_killer(folder / f"anew{number}")

    run_all(works(), note, jobs)


def _run_changed(mutant: Mutant, names: list[str], killer: Path) -> int:
    read_instead(mutant.path, mutant.source)
    for part in (names[:LIKELY], names[LIKELY:]):
        if part and (status := _run(["-x", *part], Path(os.devnull), killer.with_suffix(".tmp"), Killer(killer))):
            return status
    return 0


def _run(arguments: list[str], output: Path, folder: Path, plugin: Trials | Killer) -> int:
    """`folder` is made anew for what the tests write, where no other run of pytest clears up."""
    import pytest

    with output.open("w") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
    os.chdir(ROOT)
    return int(pytest.main([*QUIET, f"--basetemp={folder}", *arguments], plugins=[plugin]))


if __name__ == "__main__":
    raise SystemExit(main())
