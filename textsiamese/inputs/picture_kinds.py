"""Which kinds of picture files are read, and what a file that is none seems to be."""

from __future__ import annotations

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
"""Names of Pillow's readers that are used; others, which call programs of their own, are not."""

_OTHERS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"<svg": "an SVG drawing",
    b"<?xml": "an SVG drawing or another XML file",
    b"<!do": "a web page",
    b"<!DO": "a web page",
    b"<htm": "a web page",
    b"8BPS": "a Photoshop file",
    b"%!PS": "a PostScript file",
    b"PAR1": "a Parquet file",
    b"\x00\x00\x01\x00": "an icon file",
}
_READABLE = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"BM", b"GIF8", b"II*\0", b"MM\0*")


def told_by_first_bytes(head: bytes) -> str:
    """What a file that cannot be opened as a picture is: "a PDF"; "" if nothing tells.

    Args:
        head: its first 16 bytes.
    """
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return "a HEIC or AVIF picture"
    return next((name for magic, name in _OTHERS.items() if head.startswith(magic)), "")


def is_begun(head: bytes) -> bool:
    """Whether a file begins as a picture of a kind that is read, though it may go on otherwise."""
    return head.startswith(_READABLE)
