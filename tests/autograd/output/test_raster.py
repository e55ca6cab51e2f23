"""Pictures as pixels."""

from __future__ import annotations

import io
import subprocess
import sys

from PIL import Image

from autograd.output.raster import pngs_to_gif, svg_to_png
from autograd.output.theme import PALETTE, document_css


def square(colour: str) -> str:
    style = f"<style>{document_css()}.paper{{fill:var(--{colour})}}</style>"
    size = 'width="10" height="8"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}<rect class="paper" {size}/></svg>'


def test_the_colors_are_those_of_the_light_palette() -> None:
    for name, (light, _) in PALETTE.items():
        image = Image.open(io.BytesIO(svg_to_png(square(name)))).convert("RGB")
        assert image.size == (20, 16)
        assert image.getcolors() == [(320, tuple(int(light[i : i + 2], 16) for i in (1, 3, 5)))]


def test_a_gif_shows_each_image_for_its_time() -> None:
    film = Image.open(io.BytesIO(pngs_to_gif([svg_to_png(square(x)) for x in ("ink", "positive")], [300, 700])))
    assert film.n_frames == 2
    assert film.info["duration"] == 300
    film.seek(1)
    assert film.info["duration"] == 700


def test_without_resvg() -> None:
    code = (
        "import sys; sys.modules['resvg_py'] = None\n"
        "from autograd.output.raster import svg_to_png\n"
        "try: svg_to_png('<svg/>')\nexcept ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("a PNG image or a GIF film of this picture needs resvg-py: pip install resvg-py")
