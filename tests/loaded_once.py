"""What the processes of tests/warm_python.py share: the product, loaded, and nothing of it run."""

import gc
from importlib import import_module

from flask import Flask
from jinja2 import FileSystemBytecodeCache

OURS = ("app", "app.process.commands", "app.process.fsck", "app.process.serve", "app.process.worker", "tests.builders")
# loaded by a command when it is wanted
LATER = ("alembic.autogenerate", "alembic.ext.checkconstraint_byname", "alembic.script", "flask.cli",
         "flask_migrate.cli", "gunicorn.app.base", "gunicorn.workers.gthread", "holidays.countries",
         "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.sqlite", "pytest")

gc.disable()  # nothing made while loading is garbage
for name in (*LATER, *OURS):
    import_module(name)
import_module("sqlalchemy.orm").configure_mappers()
# each would compile the same templates anew; Jinja keeps them with a checksum of their source
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache()}
gc.enable()
gc.freeze()
