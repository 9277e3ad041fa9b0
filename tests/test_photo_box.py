"""Pictures are opened in a box: what dies there dies alone, and whoever takes it over finds nothing."""

# ruff: noqa: F811 - fixtures are imported and named as arguments

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time as stopwatch
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE

import pytest
from PIL import Image

from app.doctor import parts
from app.photos import pool
from app.photos.cleaning import clean_photo
from app.photos.wire import CPU_SECONDS
from tests.builders import TEST_SETTINGS
from tests.hostile_photos import jpeg
from tests.picture_parts import encoded
from tests.resident_pages import resident  # noqa: F401 (fixtures)
from tests.warm_python import Process, begin

PATIENCE = 30
POISON = Path(__file__).parent / "data" / "poison.heic"

pytestmark = [pytest.mark.server, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]


def until(found: Callable[[], object]):
    """The first true answer. Fails after PATIENCE seconds."""
    end = stopwatch.monotonic() + PATIENCE
    while not (answer := found()):
        assert stopwatch.monotonic() < end, "it never happened"
        stopwatch.sleep(0.002)
    return answer


def children_of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()  # a zombie is still there


def slow_picture() -> bytes:
    """Honest, and about half a second of work."""
    return encoded(Image.new("RGBA", (5000, 3600), (200, 30, 20, 128)), "PNG", compress_level=1)


@pytest.fixture(scope="module")
def slow() -> bytes:
    return slow_picture()


@contextlib.contextmanager
def meanwhile(act: Callable[[], object]):
    """Run `act` in a thread beside the body; what it raised is raised here at the end."""
    faults: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as fault:  # noqa: BLE001  told below
            faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(PATIENCE)
    assert not thread.is_alive()
    if faults:
        raise faults[0]


def kills(pid_of: Callable[[], int]) -> Callable[[], None]:
    return lambda: os.kill(until(pid_of), signal.SIGKILL)


def first_child(launcher: int) -> Callable[[], int]:
    return lambda: next(iter(children_of(launcher)), 0)


def test_a_picture_whose_decoder_dies_is_one_refusal_with_a_sentence_and_a_count(app, resident, slow, capfd):
    before, launcher = parts.pictures_that_killed_their_decoder(), pool.start()
    clean_photo(jpeg(), kind="ktp")  # the launcher is warm, and no child of it is left
    with meanwhile(kills(first_child(launcher))):
        page = resident.sends_photo("ktp", slow)
    assert page.status == 422
    assert "Foto ini tidak dapat kami buka." in page.soup.select_one(".error-summary").text
    assert parts.pictures_that_killed_their_decoder() == before + 1
    told = [line for line in capfd.readouterr().err.splitlines() if "picture_killed_its_decoder" in line]
    assert len(told) == 1 and sha256(slow).hexdigest() in told[0] and "SIGKILL" in told[0]
    assert pool.start() == launcher
    assert resident.sends_photo("ktp", jpeg()).status == 200


def test_a_launcher_that_is_killed_is_started_again_and_the_photo_is_taken(slow):
    launcher = pool.start()
    clean_photo(jpeg(), kind="ktp")

    def kill_both() -> None:
        child = until(first_child(launcher))
        os.kill(launcher, signal.SIGKILL)
        until(lambda: is_gone(launcher) and is_gone(child))

    with meanwhile(kill_both):
        assert clean_photo(slow, kind="attachment").width == 2000
    assert pool.start() != launcher


@pytest.mark.long
def test_a_picture_that_takes_for_ever_is_ended_with_its_whole_group(resident, slow, capfd):
    """Its child is stopped, so that not the processor time but the clock on the wall ends it."""
    launcher = pool.start()
    clean_photo(jpeg(), kind="ktp")
    with meanwhile(lambda: os.kill(until(first_child(launcher)), signal.SIGSTOP)):
        page = resident.sends_photo("ktp", slow)
    assert page.status == 422
    assert "overran" in capfd.readouterr().err
    assert not children_of(launcher)


def test_the_heic_that_ended_the_server_is_an_ordinary_file(resident):
    assert resident.sends_photo("ktp", POISON.read_bytes()).status in (200, 415, 422)
    assert resident.sends_photo("ktp", jpeg()).status == 200


def test_the_launcher_holds_no_key_no_variable_and_no_file_of_ours(app):
    launcher = pool.start()
    clean_photo(jpeg(), kind="ktp")
    name, _, value = Path(f"/proc/{launcher}/environ").read_text().rstrip("\0").partition("=")
    assert name == "GLIBC_TUNABLES"
    assert re.fullmatch(r"(glibc\.malloc\.[a-z_]+=\d+[:\0]?)+", value)  # the C library cuts it where it reads it
    opened = [str(link.readlink()) for link in Path(f"/proc/{launcher}/fd").iterdir()]
    ours = [target for target in opened if not target.startswith(("socket:", "pipe:", "/dev/"))]
    assert set(ours) <= {str(Path(f"/proc/{os.getpid()}/fd/2").readlink())}, "only the log, besides sockets and pipes"
    secrets, memory = [value for name, value in TEST_SETTINGS.items() if "KEY" in name], readable_memory(launcher)
    assert secrets and not [secret for secret in secrets if secret.encode() in memory]
    assert b"flask" not in Path(f"/proc/{launcher}/maps").read_bytes().lower()


def readable_memory(pid: int) -> bytes:
    found = bytearray()
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            if rights.startswith("rw"):
                start, end = (int(bound, 16) for bound in span.split("-"))
                memory.seek(start)
                with contextlib.suppress(OSError):
                    found += memory.read(end - start)
    return bytes(found)


def test_a_child_is_shut_in_on_every_side():
    layers = parts.sandbox_layers()
    assert set(layers) == {"limits", "no_new_privileges", "files_shut", "network_shut", "calls_filtered"}
    missing = [name for name, on in layers.items() if not on]
    if missing == ["files_shut"]:
        pytest.skip("this kernel has no Landlock; the filter of calls shuts files all the same")
    assert not missing


# a child that opens no picture: shut in like one, it does what the argument says
SHUT_IN = """
import errno, os, resource, sys, threading, types
package = types.ModuleType("app")
package.__path__ = [sys.argv[1] + "/app"]
sys.modules["app"] = package
from app.photos import sandbox
act = sys.argv[2]
sandbox.CPU_SECONDS = 1 if act == "burn" else sandbox.CPU_SECONDS
limits, set_limit = {}, resource.setrlimit
resource.setrlimit = lambda which, both: limits.update({which: both}) or set_limit(which, both)
sandbox.close_box()
if act == "burn":
    while True:
        pass
try:
    if act == "allocate":
        held = bytearray(sandbox.ADDRESS_SPACE)
    if act == "fork" and os.fork() == 0:
        os._exit(0)
    if act == "thread":
        (thread := threading.Thread(target=lambda: None)).start()
        thread.join()
    if act == "file":
        os.open("/tmp", os.O_RDONLY)
    if act == "tell":
        os.write(1, b"%d %d " % limits[resource.RLIMIT_CPU])
except OSError as error:
    os.write(1, errno.errorcode[error.errno].encode())
except MemoryError:
    os.write(1, b"MemoryError")
else:
    os.write(1, b"done")
os._exit(0)
"""


def shut_in(act: str) -> subprocess.CompletedProcess:
    root = Path(__file__).resolve().parent.parent
    return subprocess.run([sys.executable, "-c", SHUT_IN, str(root), act], capture_output=True, timeout=10 * PATIENCE,
                          check=False)  # seconds of the processor are many on the wall of a busy machine


def test_a_child_that_burns_processor_time_is_ended_by_the_kernel():
    assert -shut_in("burn").returncode in (signal.SIGXCPU, signal.SIGKILL)


@pytest.mark.parametrize(("act", "said"), [
    ("allocate", b"MemoryError"), ("fork", b"EPERM"), ("thread", b"done"), ("file", b"EACCES"), ("nothing", b"done"),
    ("tell", b"%d %d done" % (CPU_SECONDS, CPU_SECONDS)),
])
def test_a_child_gets_threads_and_neither_memory_without_end_nor_processes_nor_files(act, said):
    answer = shut_in(act)
    assert (answer.returncode, answer.stdout) in ((0, said), (0, said.replace(b"EACCES", b"EPERM")))


def test_the_operator_is_told_every_bundled_decoder_with_its_version():
    versions = parts.decoder_versions()
    wanted = {"Pillow", "libjpeg-turbo", "libwebp", "libavif", "dav1d", "pillow-heif", "libheif", "libde265", "zlib"}
    assert wanted <= set(versions)
    assert all(version[0].isdigit() for version in versions.values())


PARENT = """
import os, signal, structlog, sys
from app.photos import pool as photo_pool
from app.photos.cleaning import clean_photo
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
data, _ = open(sys.argv[1], "rb").read(), signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a suite runs in the background
clean_photo(data, kind="ktp")
print(photo_pool.start(), flush=True)
for line in sys.stdin:
    if line == "fork\\n":
        child = os.fork()
        if child == 0:
            clean_photo(data, kind="ktp")
            print(photo_pool.start(), flush=True)
            os._exit(0)
        os.waitpid(child, 0)
    if line == "open\\n":
        print(clean_photo(data, kind="ktp").width, flush=True)
"""


@pytest.fixture
def parent(tmp_path):
    """A process of its own that opens pictures, and the id of its launcher."""
    photo = tmp_path / "foto.jpg"
    photo.write_bytes(jpeg())
    with begin([sys.executable, "-c", PARENT, photo], stdin=PIPE, stdout=PIPE, text=True,
               start_new_session=True) as process:
        yield process, int(process.stdout.readline())
        process.kill()


def ask(process: Process, word: str) -> int:
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_the_launcher_ends_with_its_process_however_that_ends(parent, end):
    process, launcher = parent
    process.send_signal(end)
    process.wait(PATIENCE)
    assert until(lambda: is_gone(launcher))


def test_a_service_manager_that_signals_everybody_ends_no_photo_under_way(parent):
    process, launcher = parent
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(launcher, number)
    assert ask(process, "open") == 1000
    assert not is_gone(launcher)


def test_a_forked_web_process_has_a_launcher_of_its_own(parent):
    process, launcher = parent
    other = ask(process, "fork")
    assert other != launcher
    until(lambda: is_gone(other))
    assert ask(process, "open") == 1000
    assert not is_gone(launcher)
