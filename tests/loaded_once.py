"""What the processes of tests/warm_python.py share: the product, loaded, and nothing of it run."""

import gc
from importlib import import_module

from flask import Flask
from jinja2 import FileSystemBytecodeCache

gc.disable()  # nothing made while loading is garbage
for name in ("pytest", "flask.cli", "sqlalchemy.dialects.sqlite", "app", "app.process.worker", "tests.builders"):
    import_module(name)
# each would compile the same templates anew; Jinja keeps them with a checksum of their source
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache()}
gc.enable()
gc.freeze()
