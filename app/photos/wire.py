"""What web process, launcher and child say to each other about one picture: fixed sizes, no text, never pickle.

The side that opened the picture may have been taken over by it, so everything it says is a number with a range, and the
pixels have a length that follows from two of those numbers.
"""

from __future__ import annotations

import struct
from typing import Final

from app.photos.errors import (
    AnimatedPhoto,
    BadShape,
    DamagedPhoto,
    NotAPhoto,
    PhotoError,
    TooFewPixels,
    TooManyParts,
    TooManyPixels,
    TooManyScans,
)

# one byte from the web process to the launcher, together with the socket of the task
OPEN_PICTURE, TELL_LAYERS = b"p", b"l"

# the task: which hints are wanted (index of HINT_KINDS), bytes that follow
TASK: Final = struct.Struct(">BI")
HINT_KINDS = ("none", "card", "signature")
PROOF = "none"  # of the kinds: nothing is expected of it, so any shape will do

# the answer begins with one byte of verdict: taken, an index of REFUSALS, or what the launcher says of a child
TAKEN, DIED = 0, 255
REFUSALS: Final[tuple[type[PhotoError] | None, ...]] = (
    None, NotAPhoto, DamagedPhoto, AnimatedPhoto, TooFewPixels, BadShape, TooManyPixels, TooManyScans, TooManyParts,
)
# after TAKEN: width, height, bits of HINTS; then the pixels of the picture and of its small copy
PICTURE: Final = struct.Struct(">HHB")
HINTS = ("buram", "gelap", "silau", "pucat")
# after DIED: the signal that ended the child, 0 when it ended by itself, OVERRAN when the launcher ended it
DEATH: Final = struct.Struct("B")
OVERRAN = 254
# the last byte of a whole answer, so that no word of the launcher can be taken for pixels
DONE = 1

# Four bytes a pixel, the last unused: Pillow reads this layout where it lies, without copying it.
PIXEL_MODE, PIXEL_BYTES = "RGBX", 4
MAX_SIDE, THUMBNAIL_SIDE = 2000, 320
MIN_LONG_SIDE = 600  # told to the phone, too, which then need not send what is smaller
# what comes within a fortieth of it stays as it is (2048 px, half of 4032 px): shrinking that little costs half as
# much as decoding, and softens every letter
LARGEST_SIDE = 2050

# proof (a long screenshot) keeps its width readable: further down, but never more pixels than this
LONGEST_PROOF, MOST_PROOF_PIXELS, WIDEST_PROOF = 16_000, 9_000_000, 1440

CPU_SECONDS, WALL_SECONDS = 5, 15


def fitted_proof(size: tuple[int, int]) -> tuple[int, int]:
    """Like a photo; longer than that, with its short side readable."""
    if max(size) <= 2.5 * min(size):
        return near_enough(size)
    width, height = size
    scale = min(
        1.0, LONGEST_PROOF / max(size), WIDEST_PROOF / min(size), (MOST_PROOF_PIXELS / (width * height)) ** 0.5,
    )
    return max(1, int(width * scale)), max(1, int(height * scale))


def is_possible(size: tuple[int, int]) -> bool:
    """Whether a picture of this size may come out of the box."""
    width, height = size
    longest = max(size)
    return min(size) > 0 and (
        longest <= LARGEST_SIDE or (longest <= LONGEST_PROOF and width * height <= MOST_PROOF_PIXELS)
    )


def near_enough(size: tuple[int, int]) -> tuple[int, int]:
    """The size a picture is kept in: its own up to LARGEST_SIDE, else with MAX_SIDE on the long side."""
    return size if max(size) <= LARGEST_SIDE else fitted(size, MAX_SIDE)


def fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size with the same shape and at most `side` px on the long side."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
