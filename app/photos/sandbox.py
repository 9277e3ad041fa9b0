"""The box a picture is opened in: bounded by rlimits, without new privileges, files and network shut.

Spoken to the kernel by ctypes: Landlock needs three calls and seccomp a list of numbers, and every package for either
was young or idle. A layer the kernel does not have is left out; `close_box()` says which ones are really there, and
`flask doctor` tells the operator.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import socket
import struct
import sys
from collections.abc import Callable
from functools import cache
from typing import Final

from app.photos.wire import CPU_SECONDS

# A 40-megapixel HEIC takes 370 MB, a WebP of that size 500; the libraries themselves map about 130.
ADDRESS_SPACE: Final = 800 << 20
OPEN_FILES: Final = 16
NICENESS: Final = 10

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446  # the same on every architecture
_LANDLOCK_VERSION = 1
# how many rights over files and over TCP, and which scopes (abstract sockets, signals), each version of Landlock knows
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP_SINCE, _SCOPE_SINCE = 4, 6
_SECCOMP_FILTER = 2

LAYERS: Final = ("limits", "no_new_privileges", "files_shut", "network_shut", "calls_filtered")


def prepare() -> None:
    """Once in the launcher what every child would do again."""
    _packed()


def close_box() -> tuple[bool, ...]:
    """Shut this process in, for ever. Everything it needs must be open and imported by now.

    Returns one answer for each of LAYERS: whether it is on, found by trying what it forbids.
    """
    _bound()
    limits = resource.getrlimit(resource.RLIMIT_AS)[0] == ADDRESS_SPACE
    if sys.platform != "linux":
        return limits, False, False, False, False
    alone = _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    _shut_files_and_tcp()
    files = _is_refused(lambda: os.close(os.open("/", os.O_RDONLY)))
    _filter_calls()
    network = _is_refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close())
    return limits, alone, files, network, _is_refused(os.getppid)


def die_with_parent() -> None:
    """Linux ends this process when the launcher ends, however that happens."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
        _write_quietly("/proc/self/oom_score_adj", b"1000")  # short of memory, the kernel ends this one first


def _is_refused(act: Callable[[], object]) -> bool:
    try:
        return act() == -1
    except OSError as error:
        return error.errno in (errno.EACCES, errno.EPERM)


def _write_quietly(path: str, data: bytes) -> None:
    try:
        file = os.open(path, os.O_WRONLY)
    except OSError:  # no such file on this system
        return
    try:
        os.write(file, data)
    except OSError:  # a container may forbid it
        pass
    finally:
        os.close(file)


def _bound() -> None:
    """No bound on processes among them: it would count threads, too, and libheif starts one. The filter of calls
    lets threads through and no process."""
    os.nice(NICENESS)
    for name, most in (
        ("RLIMIT_AS", ADDRESS_SPACE), ("RLIMIT_CPU", CPU_SECONDS), ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0),
    ):
        if (limit := getattr(resource, name, None)) is not None:
            hard = resource.getrlimit(limit)[1]
            allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (allowed, allowed))


def _shut_files_and_tcp() -> None:
    """A Landlock ruleset that handles everything and allows nothing."""
    version = _libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION)
    if version < 1:
        return
    files = (1 << _FILE_RIGHTS.get(version, max(_FILE_RIGHTS.values()))) - 1
    handled = struct.pack("=Q", files)
    if version >= _TCP_SINCE:
        handled += struct.pack("=Q", 0b11)
    if version >= _SCOPE_SINCE:
        handled += struct.pack("=Q", 0b11)
    ruleset = _libc.syscall(_LANDLOCK_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if ruleset >= 0:
        _libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)


# The calls of a process that computes: memory, its one open socket, the clock, threads. (x86_64, aarch64)
_ALLOWED: Final = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "readv": (19, 65), "writev": (20, 66),
    "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233), "getpid": (39, 172), "exit": (60, 93),
    "gettimeofday": (96, 169), "getrusage": (98, 165), "sigaltstack": (131, 132), "gettid": (186, 178),
    "futex": (202, 98), "sched_getaffinity": (204, 123), "clock_gettime": (228, 113), "clock_nanosleep": (230, 115),
    "exit_group": (231, 94), "getrandom": (318, 278), "rseq": (334, 293), "getcpu": (309, 168),
    "set_robust_list": (273, 99), "clone": (56, 220), "clone3": (435, 435),
}
_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS, 0x80000000
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT, _AT_THIRD_ARGUMENT = 0, 4, 16, 32
_X32_BIT, _PROT_EXEC, _CLONE_THREAD = 0x40000000, 4, 0x10000


def _filter_calls() -> None:
    """A seccomp filter: the calls above go through, but memory is never made executable and nothing but threads is
    started; all others fail with EPERM."""
    if (packed := _packed()) is None:
        return
    steps, program = packed
    filters = ctypes.create_string_buffer(struct.pack("HxxxxxxP", steps, ctypes.addressof(program)))
    _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, filters, 0, 0)


@cache
def _packed() -> tuple[int, ctypes.Array] | None:
    """The filter as the kernel reads it, and its number of steps; None for a machine it was not written for."""
    known = _ARCHITECTURES.get(platform.machine())
    if known is None or sys.maxsize < 2**32:
        return None
    program = _program(*known)
    return len(program), ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))


def _program(column: int, architecture: int) -> list[tuple[int, int, int, int]]:
    """Steps of BPF: (code, jump when true, jump when false, value)."""
    numbers = {name: pair[column] for name, pair in _ALLOWED.items()}
    mmap, mprotect, clone, clone3 = (numbers.pop(name) for name in ("mmap", "mprotect", "clone", "clone3"))
    steps = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_NUMBER), (_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _REFUSE),
    ]
    for number in numbers.values():
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    # the flags of clone3 are out of a filter's sight; told that there is none, the C library takes clone
    steps += [
        (_EQUAL, 0, 1, clone3), (_RETURN, 0, 0, _UNKNOWN), (_EQUAL, 0, 4, clone),
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT), (_ANY_BIT, 0, 1, _CLONE_THREAD), (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    steps += [(_EQUAL, 2, 0, mmap), (_EQUAL, 1, 0, mprotect), (_RETURN, 0, 0, _REFUSE)]
    steps += [
        (_LOAD, 0, 0, _AT_THIRD_ARGUMENT), (_ANY_BIT, 0, 1, _PROT_EXEC), (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return steps
