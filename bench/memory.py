"""What a web process weighs: proportional memory (PSS) after its start and after photos; and what a start costs in CPU,
beside the bare libraries. The demo's own worker runs beside the web process and is counted for itself. As in an office
there is nothing of what only tests install: libraries load it where it is."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench._table import note
from bench.photos import a_card, encoded
from tests.builders import PHOTO_SLUGS
from tests.live import LiveServer

IDLE_MB, AFTER_PHOTOS_MB, IMPORT_SECONDS, SECOND_START_SECONDS = 90, 130, 0.55, 0.9
TURNS, REGISTRATIONS = 5, 12
ONLY_TESTS = ("rich", "better_exceptions", "pygments")
# as wsgi.py does, without looking for garbage meanwhile
IMPORT = "import gc, time; gc.disable(); begun = time.process_time(); import {}; print(time.process_time() - begun)"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as path:
        for name in ONLY_TESTS:
            Path(path, f"{name}.py").write_text("raise ImportError")
        for what, limit in (("app", IMPORT_SECONDS), ("flask, sqlalchemy.orm, PIL.Image", None)):
            note(f"import {what}, CPU", statistics.median(_import(what, path) for _ in range(TURNS)), limit, "s")
        server = LiveServer(Path(folder), settings={"PYTHONPATH": path}).start()
        server.stop()
        begun = time.monotonic()
        server.start()
        note("second start of the demo to its first answer, wall", time.monotonic() - begun, SECOND_START_SECONDS, "s")
        try:
            _weigh(server)
        finally:
            server.stop()


def _weigh(server: LiveServer) -> None:
    time.sleep(3)  # the worker's first round
    web = web_process(server.process.pid)
    note("web process, PSS idle", pss(web), IDLE_MB, "MB")
    data = encoded(a_card((4032, 3024)), "JPEG", quality=88)
    for number in range(REGISTRATIONS):
        _photos(server, data, number)
    note("web process, PSS after photos", pss(web), AFTER_PHOTOS_MB, "MB")
    note("web process, RSS after photos", pss(web, "Rss"), None, "MB")


def _photos(server: LiveServer, data: bytes, number: int) -> None:
    import requests

    from tests.builders import RESIDENT

    with requests.Session() as phone:
        def send(path: str, form: dict, files=None) -> None:
            page = phone.get(server.url + path, timeout=60).text
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
            answer = phone.post(server.url + path, data={"csrf_token": token, **form}, files=files, timeout=60)
            assert answer.status_code == 200, (path, answer.status_code)

        send("/daftar", {"notice": "y"})
        send("/daftar/data", {**RESIDENT, "nik": f"357402450590{number:04d}"})
        for slug in PHOTO_SLUGS:
            send(f"/daftar/{slug}", {"upload_id": ""}, {"photo": ("foto.jpg", data)})


def _import(what: str, path: str) -> float:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = path
    found = subprocess.run([sys.executable, "-c", IMPORT.format(what)], capture_output=True, text=True, check=True,
                           env=environment)
    return float(found.stdout)


def web_process(arbiter: int) -> int:
    """The process that answers: the arbiter started it by fork, so it has the arbiter's name."""
    name = Path(f"/proc/{arbiter}/cmdline").read_bytes()
    children = Path(f"/proc/{arbiter}/task/{arbiter}/children").read_text().split()
    return next(int(pid) for pid in children if Path(f"/proc/{pid}/cmdline").read_bytes() == name)


def pss(pid: int, kind: str = "Pss") -> float:
    """MB; pages shared with others count by their share."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(rf"^{kind}:\s+(\d+) kB", lines, re.M)[1]) / 1024


if __name__ == "__main__":
    main()
