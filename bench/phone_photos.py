"""Photos of real phones through a running server: what is accepted, refused and why, turned wrongly, off in colour.

    python -m bench.phone_photos path/to/pictures

Every file under the folder goes twice: as the photo of a registration and as proof of a complaint. What the server
stored is fetched again and compared with the same file opened here, upright by its EXIF: which of the eight ways up
fits best, and the largest mean error of one colour channel of a small copy. Only for pictures one trusts: they are
opened in this process. Without a folder (`make bench`) a few drawn ones go.
"""

import argparse
import tempfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import pillow_heif
from PIL import Image, ImageChops, ImageOps, ImageStat

from app.demo.photos import realistic_ktp
from tests.live import LiveServer
from tests.visitor import Visitor, multipart, part

SMALL = (64, 64)
WRONG_COLOUR = 40  # of 255, as a mean over a channel: another picture, or another colour space
TURNS = (None, *Image.Transpose)
COMPLAINT = {
    "kind": "complaint", "category": "other", "text": "Ini fotonya.", "answer_by": "page", "happened_on": "",
    "place": "", "name": "", "whatsapp_number": "", "email": "",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ktp.jpg").write_bytes(realistic_ktp())
        _run(Path(folder))


def _run(folder: Path) -> bool:
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None
    found = Counter()
    reasons: dict[str, list[str]] = {}
    turned, colours = [], []
    with tempfile.TemporaryDirectory() as home:
        server = LiveServer(Path(home), "serve")
        server.run("db", "upgrade")
        server.start()
        try:
            visitor = Visitor(server.port).begins()
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                data, name = path.read_bytes(), str(path.relative_to(folder))
                _as_photo(visitor, data, name, found, reasons, turned, colours)
                _as_proof(server, data, name, found, reasons)
            lives = server.process.poll() is None
        finally:
            server.stop()
    _show(found, reasons, turned, colours, lives)
    return lives and not turned and not found["fault"]


def _as_photo(visitor, data, name, found, reasons, turned, colours) -> None:
    answer = visitor.upload("/daftar/ktp", data)
    if answer.status not in (200, 303):
        return _refused("photo", answer, name, found, reasons)
    found["photo accepted"] += 1
    stored = Image.open(BytesIO(visitor.request("GET", "/daftar/ktp/gambar").body)).convert("RGB")
    try:
        wanted = ImageOps.exif_transpose(Image.open(BytesIO(data)))
        wanted = wanted.convert("RGBA") if wanted.has_transparency_data else wanted.convert("RGB")
    except Exception:  # noqa: BLE001  it cannot be opened here, so there is nothing to compare
        found["not compared"] += 1
        return None
    if wanted.mode == "RGBA":
        paper = Image.new("RGB", wanted.size, "white")
        paper.paste(wanted, mask=wanted.getchannel("A"))
        wanted = paper
    errors = {turn: _error(wanted if turn is None else wanted.transpose(turn), stored) for turn in TURNS}
    colours.append((errors[None], name))
    best = min(errors, key=errors.__getitem__)
    if best is not None and errors[best] < 0.6 * errors[None] and errors[None] > 2:
        turned.append(f"{name}: fits best {best.name}")
    return None


def _as_proof(server, data, name, found, reasons) -> None:
    """Up to the number of complaints that one address may send in an hour."""
    if found["proof refused 429"]:
        found["proof not sent, limit of the hour"] += 1
        return
    visitor = Visitor(server.port)
    page = visitor.open("/pengaduan")
    submission = page.text.partition('name="submission_id"')[2].partition('value="')[2].partition('"')[0]
    fields = {**COMPLAINT, "csrf_token": visitor.token, "submission_id": submission}
    body, kind = multipart(
        *(part(f'name="{field}"', value.encode()) for field, value in fields.items()),
        part('name="files"; filename="foto.jpg"', data, "Content-Type: image/jpeg\r\n"),
    )
    answer = visitor.request("POST", "/pengaduan", body, Content_Type=kind)
    if answer.status == 303:
        found["proof accepted"] += 1
    else:
        _refused("proof", answer, name, found, reasons)


def _refused(way, answer, name, found, reasons) -> None:
    if answer.status >= 500 and answer.status != 503:
        found["fault"] += 1
    found[f"{way} refused {answer.status}"] += 1
    said = answer.text.partition('class="error"')[2].partition(">")[2].partition("<")[0].strip()
    reasons.setdefault(f"{way} {answer.status}: {said[:90]}", []).append(name)


def _error(one: Image.Image, other: Image.Image) -> float:
    """The largest mean difference of a channel, of 255; a picture of another shape is far off."""
    ratio = (one.width / one.height) / (other.width / other.height)
    if not 0.9 < ratio < 1.1:
        return 255.0
    small = [picture.resize(SMALL, Image.Resampling.BOX) for picture in (one, other)]
    return max(ImageStat.Stat(ImageChops.difference(*small)).mean)


def _show(found, reasons, turned, colours, lives) -> None:
    print(f"server {'lives' if lives else 'DIED'}: {dict(found)}")
    for reason, names in sorted(reasons.items()):
        print(f"  {len(names):5} {reason}  e.g. {names[0]}")
    print(f"  wrongly turned: {len(turned)}", *turned[:10], sep="\n    ")
    worst = sorted(colours, reverse=True)[:5]
    print("  largest colour errors:", *(f"{error:.1f} {name}" for error, name in worst), sep="\n    ")
    print(f"  more than {WRONG_COLOUR}: {sum(error > WRONG_COLOUR for error, _ in colours)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    raise SystemExit(0 if _run(parser.parse_args().folder) else 1)
