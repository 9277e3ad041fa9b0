"""A new field *E-mail*, which may stay empty."""

MOST = 8
EDITS = [
    ("app/identity/email.py", "", '''"""The e-mail address of a form, which may stay empty."""

from app.identity.findings import FieldError, Parsed
from app.identity.text import EMAIL


def parse_optional_email(raw: str | None) -> Parsed:
    """The address, or "" for none. Raises FieldError."""
    address = (raw or "").strip()
    if address and not EMAIL.fullmatch(address):
        raise FieldError("Alamat e-mail belum benar. Contoh: nama@contoh.id.")
    return Parsed(address)
'''),
    ("app/registration/fields.py", "    address: str\n    village: str = \"\"\n",
     '    address: str\n    village: str = ""\n    email: str = ""\n'),
    ("app/registration/fields.py", "from app.identity.findings import FieldError, Parsed\n",
     "from app.identity.email import parse_optional_email\nfrom app.identity.findings import FieldError, Parsed\n"),
    ("app/registration/fields.py", "import mask_name,", "import mask_email, mask_name,"),
    ("app/registration/fields.py", "input=CHOICE,\n    ),\n)\n", '''input=CHOICE,
    ),
    Field(
        "email", "E-mail", "Boleh dikosongkan", lambda text, seen: parse_optional_email(text), journal="e-mail",
        input="email", autocomplete="email", mask=mask_email, correctable=True,
    ),
)
'''),
    ("app/registration/reasons.py", '        CatalogueReason("SELFIE_BEDA_ORANG"', '''        CatalogueReason("EMAIL_SALAH", RETURN, "email", "E-mail salah", "Surat ke e-mail ini kembali. Periksa tulisannya."),
        CatalogueReason("SELFIE_BEDA_ORANG"'''),
]
