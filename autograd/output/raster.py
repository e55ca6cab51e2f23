"""Pictures as pixels: a PNG image of an SVG document, and GIF films."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from autograd.output.theme import document_css, variables

DARK = re.compile(r"@media \(prefers-color-scheme:dark\)\{(?:[^{}]*\{[^{}]*\})*\}")  # the rules for dark
SCALE = 2.0  # pixels of an image for each pixel of a screen


def svg_to_png(svg: str, scale: float = SCALE) -> bytes:
    """A PNG image of an SVG document whose colors are those of ``document_css``, in light.

    Arguments:
        scale: the pixels of the image for each pixel of the document.

    Raises:
        ImportError: resvg-py is not installed.
    """
    try:
        from resvg_py import svg_to_bytes
    except ImportError as error:
        raise ImportError(
            "a PNG image or a GIF film of this picture needs resvg-py: pip install resvg-py; an SVG needs nothing"
        ) from error
    return bytes(svg_to_bytes(svg_string=in_light(svg), zoom=scale, sans_serif_family="DejaVu Sans"))


def in_light(svg: str) -> str:
    """An SVG document with its colors in light only, and written out: other programs than browsers know no CSS
    variables."""
    palette = dict(re.findall(r"--([\w-]+):([^;]+);", variables(0)))
    light = DARK.sub("", svg.replace(document_css(), ""))
    return re.sub(r"var\(--([\w-]+)\)", lambda found: palette.get(found[1], found[0]), light)


def pixels_to_png(pixels: bytes, width: int, height: int) -> bytes:
    """A PNG image.  Source: ISO/IEC 15948, "Portable Network Graphics".

    Arguments:
        pixels: for each pixel red, green, blue and opacity, row by row from the top.

    >>> pixels_to_png(bytes([255, 0, 0, 255]), 1, 1)[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    rows = b"".join(b"\0" + pixels[4 * width * i : 4 * width * (i + 1)] for i in range(height))  # 0: not filtered
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits of red, green, blue and opacity
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def images_to_gif(images: Sequence[Any], milliseconds: Sequence[int], colours: int = 64) -> bytes:
    """A GIF film that loops.

    Arguments:
        images: its Pillow images, all of one size.
        milliseconds: how long each is shown.
        colours: how many colors it has, at most 256.
    """
    from PIL import Image

    # One palette for all, so that nothing flickers: that of the first, the middle and the last image, side by side.
    some = [images[i] for i in {0, len(images) // 2, len(images) - 1}]
    width, height = images[0].size
    strip = Image.new(images[0].mode, (width * len(some), height))
    for i, image in enumerate(some):
        strip.paste(image, (width * i, 0))
    palette = strip.quantize(colours)
    first, *others = [image.quantize(colours, palette=palette, dither=0) for image in images]
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=list(milliseconds), loop=0)
    return file.getvalue()


def pngs_to_gif(pngs: Sequence[bytes], milliseconds: Sequence[int]) -> bytes:
    """A GIF film of PNG images; see ``images_to_gif``.

    Raises:
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("a GIF film needs the package Pillow: pip install pillow") from error
    images = [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]
    return images_to_gif(images, milliseconds, 256)
