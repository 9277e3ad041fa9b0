"""`make bench`: run every measurement of this folder, or those named on the command line; at the end a table of the
figures that have a limit."""

import importlib
import pkgutil
import sys
import time

import bench
from bench import _table


def main() -> None:
    names = sys.argv[1:] or sorted(found.name for found in pkgutil.iter_modules(bench.__path__) if not found.ispkg)
    for name in names:
        if name.startswith("_"):
            continue
        print(f"\n== {name}")
        begun = time.perf_counter()
        importlib.import_module(f"bench.{name}").main()
        print(f"({time.perf_counter() - begun:.1f} s)", flush=True)
    _table.show()


if __name__ == "__main__":  # a process that a measurement starts reads this file, too
    main()
