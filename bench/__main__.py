"""`make bench`: measure all that has a limit, in about twenty minutes on two cores; at the end one table. Or what is
named on the command line: any file of this folder, as `python -m bench queue`, or `all`, which takes hours."""

import importlib
import os
import pkgutil
import sys
import time

import bench
from bench import _table

# by themselves what a core can do, then what several processes make of two
BARS = ("photos", "registration", "hello", "memory", "waits", "rate", "journal", "rows", "restarts")


def main() -> None:
    whole = sorted(found.name for found in pkgutil.iter_modules(bench.__path__) if not found.name.startswith("_"))
    names = whole if sys.argv[1:] == ["all"] else sys.argv[1:] or [name for name in BARS if name in whole]
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name in names:
        print(f"\n== {name}")
        begun = time.perf_counter()
        importlib.import_module(f"bench.{name}").main()
        print(f"({time.perf_counter() - begun:.1f} s)", flush=True)
    _table.show()


if __name__ == "__main__":  # a process that a measurement starts reads this file, too
    main()
