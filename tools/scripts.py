"""Writes static/js/short/ anew: our scripts with their inner names made short (`make scripts`).

On a thin line that is a fifth of them. Done here and kept, not at every start: the minifier is a Go library, which a
server that forks must not carry. Nothing but names, spaces and quotes changes; what was read is ES5, and so is this.
"""

import minify

from app.web.assets import SHORT, STATIC, short_name


def shortened() -> dict[str, str]:
    """Name under static/ -> text, for every script of ours."""
    minify.config({"js-version": 5})
    made = {}
    for source in sorted((STATIC / "js").glob("*.js")):
        if not source.name.endswith(".min.js"):
            content = source.read_bytes()
            made[short_name(source.name, content)] = minify.string("application/javascript", content.decode())
    return made


def main() -> None:
    wanted = shortened()
    (STATIC / SHORT).mkdir(exist_ok=True)
    for old in (STATIC / SHORT).iterdir():
        if f"{SHORT}/{old.name}" not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (STATIC / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
