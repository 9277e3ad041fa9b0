"""E-mail addresses, as far as we check them: the rest shows when a letter arrives."""

import re

EMAIL = re.compile(r"[^@\s<>\"'(),:;\\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})\.[A-Za-z]{2,24}")
