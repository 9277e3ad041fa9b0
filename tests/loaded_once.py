"""What the processes of tests/warm_python.py share: the product, loaded, and nothing of it run."""

import gc
from importlib import import_module

gc.disable()  # nothing made while loading is garbage
for name in ("pytest", "flask.cli", "sqlalchemy.dialects.sqlite", "app", "app.process.worker", "tests.builders"):
    import_module(name)
gc.enable()
gc.freeze()
