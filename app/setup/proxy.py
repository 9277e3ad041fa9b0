"""The proxy before Loket, set up for this city's address: the files of deploy/proxy/ with the name filled in."""

from pathlib import Path

from app.settings.settings import ROOT
from app.setup.questions import Answers

SHIPPED = ROOT / "deploy" / "proxy"
PLACE = "loket.invalid"
OWN_CA = "\ttls internal\n"
# proxy -> the shipped file, and where the proxy of a Debian reads it
FILES: dict[str, tuple[str, Path]] = {
    "caddy": ("Caddyfile", Path("/etc/caddy/Caddyfile")),
    "nginx": ("nginx.conf", Path("/etc/nginx/sites-enabled/loket")),
}


def proxy_file(answers: Answers) -> str:
    """For the proxy of the answers. Caddy gets a certificate by itself, from its own authority, or from a file."""
    shipped, _ = FILES[answers["proxy"]]
    text = (SHIPPED / shipped).read_text().replace(PLACE, answers["city.domain"])
    if answers["proxy"] == "caddy" and answers["tls"] != "internal":
        folder = Path(answers["folder"]) / "tls"
        files = f"\ttls {folder}/fullchain.pem {folder}/privkey.pem\n"
        text = text.replace(OWN_CA, files if answers["tls"] == "file" else "")
    return text


def place_proxy_file(answers: Answers) -> Path | None:
    """Where the proxy reads it, the file before it kept beside it; None when that proxy is not on this machine."""
    _, target = FILES[answers["proxy"]]
    if not target.parent.is_dir():
        return None
    text = proxy_file(answers)
    if target.exists() and target.read_text() != text:
        target.replace(target.with_name(f".{target.name}-before-loket"))
    target.write_text(text)
    return target
