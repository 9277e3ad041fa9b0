"""The WSGI application: `flask --app wsgi ...`, or `gunicorn wsgi:app` behind a proxy."""

import gc
import os

gc.disable()  # nothing made while loading is garbage, and looking for it is a fifth of a start
from app import create_app  # noqa: E402
from app.keys.proof import prove_at_start  # noqa: E402

app = create_app()
gc.enable()
gc.freeze()  # nor will it be: it is never looked through again, and forked workers share it
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # a server of its own; our commands prove the keys themselves
    with app.app_context():
        prove_at_start()
