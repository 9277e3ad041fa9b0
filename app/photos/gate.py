"""Who may have a picture opened, and when: two at a time and six waiting on the whole machine, two for one address.

Places are locked files in the instance folder, shared by all processes of this machine; the system lets a lock go when
its process ends, however it ends. A web request waits at most WAIT_SECONDS for its turn, so that no web thread is lost
to the queue; the next one is told to come back (PhotoBusy, 503). What a picture will cost is known from its first bytes
(`app/photos/containers.py`): costly ones are opened one at a time, and hold at most MOST_HEAVY places, so that an
ordinary photo always finds a way past them.

Who is refused is let go only after LINGER_SECONDS where the server has threads to spare for it (`spare_threads`): a
client that sends again at once, whatever the answer says, would cost more by being refused than by being served.

Work in the background (mailbox, WhatsApp) takes no place. It waits for its turn at the two openings, and longer.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.photos.errors import PhotoBusy

try:
    import fcntl
except ImportError:  # Windows: neither this gate nor the box behind it works there
    fcntl = None

OPEN_AT_ONCE, WAITING, PER_ADDRESS, MOST_HEAVY = 2, 6, 2, 3
WAIT_SECONDS, BACKGROUND_WAIT_SECONDS, LINGER_SECONDS = 2.0, 10.0, 1.5
_PAUSE = 0.03
_SALT_BYTES, _MARK_BYTES = 16, 16
_IPV6_NETWORK_BITS = 64
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


class _Place:
    """Of the locks. Without an application (a measurement, a test of the pipeline alone) one of its own."""

    folder: Path | None = None


class _Lingering:
    """How many refused requests of this process may stand by for a moment; none unless the server says so."""

    seats = threading.BoundedSemaphore(1)
    allowed = 0


def spare_threads(number: int) -> None:
    """Let so many refused requests of this process linger at the same time."""
    _Lingering.seats, _Lingering.allowed = threading.BoundedSemaphore(max(1, number)), number


def use_folder(folder: Path) -> None:
    """Where the locks are: one folder for all processes that share a machine."""
    _Place.folder = folder


@contextmanager
def turn(sender: str | None, heavy: bool) -> Iterator[None]:
    """Hold a turn at the box while inside. `sender` is a network address, or who else is to have PER_ADDRESS places at
    most; None is work in the background. Raises PhotoBusy when there is no place, or no turn in time."""
    with ExitStack() as held:
        deadline = time.monotonic() + (BACKGROUND_WAIT_SECONDS if sender is None else WAIT_SECONDS)
        if sender is not None:
            held.enter_context(_open(_place_or_linger(sender, heavy)))
        if heavy:
            held.enter_context(_open(_wait_for(["heavy"], deadline)))
        held.enter_context(_open(_wait_for([f"open-{number}" for number in range(OPEN_AT_ONCE)], deadline)))
        yield


def check_room(sender: str) -> None:
    """Refuse early who would find no place, before anything is counted or written. Raises PhotoBusy."""
    os.close(_place_or_linger(sender, heavy=False))


def count_death() -> None:
    """One more picture whose decoder died or overran."""
    with _door() as (_, folder):
        (folder / "deaths").write_text(str(_number_in(folder / "deaths") + 1))


def deaths() -> int:
    """How many pictures of this installation their decoder did not survive."""
    return _number_in(_made_folder() / "deaths")


@contextmanager
def _open(descriptor: int) -> Iterator[None]:
    """Closing it lets the lock go."""
    try:
        yield
    finally:
        os.close(descriptor)


def _place_or_linger(sender: str, heavy: bool) -> int:
    try:
        return _take_place(sender, heavy)
    except PhotoBusy:
        linger()
        raise


def linger() -> None:
    """Stand by for a moment before a refusal, if this server has a thread to spare."""
    seats = _Lingering.seats
    if _Lingering.allowed and seats.acquire(blocking=False):
        time.sleep(LINGER_SECONDS)
        seats.release()


def _take_place(sender: str, heavy: bool) -> int:
    """The descriptor of a locked place. Raises PhotoBusy."""
    with _door() as (salt, folder):
        mark = hashlib.blake2b(_network_of(sender).encode(), key=salt, digest_size=_MARK_BYTES).digest()
        mine = heavies = 0
        free = -1
        for number in range(OPEN_AT_ONCE + WAITING):
            place = _locked(folder / f"place-{number}")
            if place < 0:
                holder = (folder / f"place-{number}").read_bytes()
                mine += holder[:_MARK_BYTES] == mark
                heavies += holder[_MARK_BYTES:] == b"h"
            elif free < 0:
                free = place
            else:
                os.close(place)
        if free < 0 or mine >= PER_ADDRESS or (heavy and heavies >= MOST_HEAVY):
            if free >= 0:
                os.close(free)
            raise PhotoBusy
        os.pwrite(free, mark + (b"h" if heavy else b"l"), 0)
        return free


def _wait_for(names: list[str], deadline: float) -> int:
    """The descriptor of the first of these locks that comes free. Raises PhotoBusy at the deadline."""
    folder = _made_folder()
    while True:
        for name in names:
            if (descriptor := _locked(folder / name)) >= 0:
                return descriptor
        if time.monotonic() > deadline:
            raise PhotoBusy
        time.sleep(_PAUSE)


def _locked(path: Path) -> int:
    """An open descriptor that holds the lock, or -1."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return -1
    return descriptor


@contextmanager
def _door() -> Iterator[tuple[bytes, Path]]:
    """One at a time, for a moment. Gives the salt of this installation's marks, so that no address is written down."""
    folder = _made_folder()
    with _open(descriptor := os.open(folder / "door", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        salt = os.pread(descriptor, _SALT_BYTES, 0)
        if len(salt) != _SALT_BYTES:
            salt = os.urandom(_SALT_BYTES)
            os.pwrite(descriptor, salt, 0)
        yield salt, folder


def _made_folder() -> Path:
    if _Place.folder is None:
        _Place.folder = Path(tempfile.mkdtemp(prefix="loket-photos-"))
    if not _Place.folder.is_dir():  # a tenth of what it costs to make one that is there
        _Place.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    return _Place.folder


def _number_in(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # never counted, or cut by a full disk
        return 0


def _network_of(sender: str) -> str:
    """A household has a whole IPv6 network of this size, which counts as one."""
    try:
        address = ipaddress.ip_address(sender)
    except ValueError:
        return sender
    if address.version == 4 or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))
