"""`python -m bench rows`, up to a million registrations and a hundred thousand tickets."""

from bench import rows


def main() -> None:
    rows.main(max(rows.SIZES))


if __name__ == "__main__":
    main()
