"""Why a field is refused."""


class FieldError(Exception):
    """`message` is an Indonesian sentence for the citizen: what is wrong and what to do."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class NeedsRecheck(FieldError):
    """The NIK is possible but strange: the citizen looks at the card once more, then it is accepted.

    `nik` is the normalised value he was warned about; the form hands it back as `rechecked`.
    """

    def __init__(self, message: str, nik: str):
        super().__init__(message)
        self.nik = nik
