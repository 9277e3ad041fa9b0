"""`make bench`: run every measurement of this folder, or those named on the command line."""

import importlib
import pkgutil
import sys
import time

import bench


def main() -> None:
    names = sys.argv[1:] or sorted(module.name for module in pkgutil.iter_modules(bench.__path__))
    for name in names:
        if name.startswith("_"):
            continue
        print(f"\n== {name}")
        begun = time.perf_counter()
        importlib.import_module(f"bench.{name}").main()
        print(f"({time.perf_counter() - begun:.1f} s)")


main()
