"""Take the rules out one at a time and print the share that the tests notice: `make mutation`.

For each mutant of tools/mutants.py a forked process runs, with -x, the tests that enter the changed
function (all tests of the table for a change outside functions). Nothing is written to the tree: the
process reads the changed source in the place of the file. mutmut was not tried: by its documentation it
changes what stands in functions and leaves decorated ones alone, and most of our rules stand in tables.

    python -m tools.mutation [-j 2] [--sample 40] [states claims ...]
"""

import argparse
import ast
import contextlib
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path

from tools.mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "mutation.toml"
QUIET = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", "--no-header"]
# slow to import and the same for every mutant: loaded once, before the processes part
PRELOADED = (
    "alembic", "argon2", "bs4", "cryptography.hazmat.primitives.ciphers.aead", "flask_login", "flask_migrate",
    "flask_wtf", "hypothesis", "limits", "openapi_core", "PIL.Image", "playwright.sync_api", "psycopg", "pytest",
    "sqlalchemy.orm", "structlog", "twilio.rest",
)
KILLED, SURVIVED, BROKEN = "killed", "survived", "broken"


@dataclass(frozen=True)
class Test:
    """`entered` are the first lines of the functions of each module that it enters."""

    name: str
    seconds: float
    entered: dict[str, list[int]]


class Watch:
    """A pytest plugin: which functions of the modules each test enters, and how long it takes."""

    def __init__(self, modules: list[str], into: Path):
        self.files = {str(ROOT / module): module for module in modules}
        self.into, self.tests, self.now = into, [], {}

    def pytest_runtest_logstart(self, nodeid, location):
        self.now, self.begun = {}, time.monotonic()

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            entered = {module: sorted(lines) for module, lines in self.now.items()}
            self.tests.append({"name": report.nodeid, "seconds": time.monotonic() - self.begun, "entered": entered})

    def pytest_sessionfinish(self, session, exitstatus):
        self.into.write_text(json.dumps({"status": int(exitstatus), "tests": self.tests}))

    def trace(self, frame, event, arg):
        module = self.files.get(frame.f_code.co_filename)
        if module is not None:
            self.now.setdefault(module, set()).add(frame.f_code.co_firstlineno)


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


def _rule(name: str, row: dict[str, list[str]], options: argparse.Namespace) -> tuple[int, int]:
    """(killed, tried)"""
    tests = _tests_of(name, row)
    mutants = [m for module in row["modules"] for m in mutants_of(module, (ROOT / module).read_text())]
    if options.sample and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    print(f"{name}: {len(mutants)} mutants, {len(tests)} tests", flush=True)
    verdicts = _verdicts(mutants, tests, options.jobs)
    for mutant, verdict in zip(mutants, verdicts, strict=True):
        if verdict != KILLED:
            print(f"  {verdict}: {mutant}", flush=True)
    return verdicts.count(KILLED), len(mutants)


def _tests_of(name: str, row: dict[str, list[str]]) -> list[Test]:
    """Every test of the table with what it enters. Raises SystemExit when they fail without any mutant."""
    files = [f"tests/{test}.py" for test in row["tests"]]
    missing = [path for path in [*row["modules"], *files] if not (ROOT / path).is_file()]
    if missing:
        raise SystemExit(f"{TABLE.name} names {', '.join(missing)} under [{name}], which is not there")
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "watched.json"
        watch = Watch(row["modules"], into)
        output = Path(folder) / "output"
        Process(lambda: _run(files, output, watch), seconds=3600).wait()
        found = json.loads(into.read_text()) if into.exists() else {"status": 3}
        if found["status"] != 0:
            raise SystemExit(f"the tests of [{name}] fail without any mutant:\n{output.read_text()[-2000:]}")
    return [Test(**test) for test in found["tests"]]


def _verdicts(mutants: list[Mutant], tests: list[Test], jobs: int) -> list[str]:
    """In the order of the mutants; `jobs` processes run at once. A test that killed one goes first at the next."""
    verdicts, running, kills = [SURVIVED] * len(mutants), {}, Counter()
    waiting = list(enumerate(mutants))[::-1]
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < jobs:
                place, mutant = waiting.pop()
                chosen = _tests_at(mutant, tests, kills)
                if not chosen:
                    verdicts[place] = f"{SURVIVED} (no test comes here)"
                    continue
                work = partial(_run_changed, mutant, [test.name for test in chosen], Path(folder) / str(place))
                running[place] = Process(work, 60 + 10 * sum(test.seconds for test in chosen))
            for place, process in list(running.items()):
                if (status := process.status()) is not None:
                    # an import that fails, or a test without end, is noticed too
                    verdicts[place] = {0: SURVIVED, 5: BROKEN}.get(status, KILLED)
                    with contextlib.suppress(FileNotFoundError):
                        kills[(Path(folder) / str(place)).read_text()] += 1
                    del running[place]
            time.sleep(0.02)
    return verdicts


def _tests_at(mutant: Mutant, tests: list[Test], kills: Counter[str]) -> list[Test]:
    """The tests that come to the changed line, those that kill and quick ones first; a server is started for the last
    only."""
    function = _function_at(mutant)
    chosen = [test for test in tests if function is None or function in test.entered.get(mutant.path, ())]
    return sorted(chosen, key=lambda test: ("pg_app" in test.name, -kills[test.name], test.seconds))


def _function_at(mutant: Mutant) -> int | None:
    """First line, decorators included, of the function around the change; None outside functions."""
    around = [
        node for node in ast.walk(ast.parse((ROOT / mutant.path).read_text()))
        if isinstance(node, ast.FunctionDef) and node.lineno <= mutant.line <= node.end_lineno
    ]
    if not around:
        return None
    return min([around[-1].lineno, *(decorator.lineno for decorator in around[-1].decorator_list)])


def _run_changed(mutant: Mutant, names: list[str], killer: Path) -> int:
    changed, plain = str(ROOT / mutant.path), SourceFileLoader.get_code

    def get_code(loader, fullname):
        if loader.path == changed:
            return compile(mutant.source, changed, "exec", dont_inherit=True)
        return plain(loader, fullname)

    SourceFileLoader.get_code = get_code
    return _run(names, Path(os.devnull), Killer(killer))


def _run(names: list[str], output: Path, plugin: Watch | Killer) -> int:
    import pytest

    with output.open("w") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
        os.chdir(ROOT)
        if isinstance(plugin, Watch):
            threading.setprofile(plugin.trace)
            sys.setprofile(plugin.trace)
        return int(pytest.main([*QUIET, *names], plugins=[plugin]))


class Process:
    """`work` in a process of its own, which is ended after `seconds`."""

    def __init__(self, work: Callable[[], int], seconds: float):
        self._ends = time.monotonic() + seconds
        self._id = os.fork()
        if self._id == 0:
            os.setsid()
            status = 3
            with contextlib.suppress(BaseException):
                status = work()
            os._exit(status)

    def status(self) -> int | None:
        """None while it works; -1 when it had to be ended."""
        ended, status = os.waitpid(self._id, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() < self._ends:
            return None
        os.killpg(self._id, signal.SIGKILL)
        os.waitpid(self._id, 0)
        return -1

    def wait(self) -> int:
        while (status := self.status()) is None:
            time.sleep(0.05)
        return status


if __name__ == "__main__":
    raise SystemExit(main())
