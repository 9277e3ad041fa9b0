"""The PIN of a registration gets eight digits; what was given out before opens as before."""

MOST = 1
EDITS = [
    ("app/base/ids.py", "REGISTRATION_PIN, OLD_REGISTRATION_PINS = 6, (6,)", "REGISTRATION_PIN, OLD_REGISTRATION_PINS = 8, (6,)"),
]
