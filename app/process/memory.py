"""How the C library of a long-lived process keeps its memory.

By default glibc gives many threads many pools of their own and, once a large block was freed, keeps blocks of up to
32 MB in them: a server that handles a few pictures at once ends up with hundreds of megabytes nobody uses.
"""

import ctypes
import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
LARGE_BYTES, POOLS = 1 << 20, 2


def give_memory_back() -> None:
    """Large blocks go back to the system when they are freed. Call it before threads are started; nothing where the
    C library is another one."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, POOLS)
        mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
