"""The palette, light and dark, as Python and as CSS variables."""

from __future__ import annotations

# Values are green and gradients red, as in Stanford's CS231n.
PALETTE = {
    "paper": ("#ffffff", "#15181d"),
    "node": ("#ffffff", "#22272e"),
    "leaf": ("#eaf2fb", "#1b2c40"),
    "module": ("#f3eefb", "#2b2440"),
    "border": ("#8a94a3", "#768390"),
    "frame": ("#f6f8fa", "#1b1f26"),
    "frame-border": ("#d0d5dd", "#3d444d"),
    "ink": ("#1f2328", "#e6edf3"),
    "muted": ("#59636e", "#9aa7b5"),
    "value": ("#137333", "#56d364"),
    "grad": ("#c5221f", "#ff7b72"),
    "partial": ("#7a3fb0", "#d2a8ff"),
    "edge": ("#8a94a3", "#768390"),
    "active": ("#b06000", "#f2cc60"),
    "positive": ("#b87700", "#e69f00"),
    "negative": ("#0072b2", "#56b4e9"),
    # Paths, one beside the other: also for readers who do not tell red from green.
    "path0": ("#0072b2", "#56b4e9"),
    "path1": ("#b04a00", "#ff9b5e"),
    "path2": ("#00785a", "#2fd3a4"),
    "path3": ("#9c3f77", "#f0a3cf"),
    "path4": ("#7a6200", "#f0e442"),
    "path5": ("#4a5560", "#c3ccd6"),
}
PATHS = 6  # how many paths have a color
FOUND = ("#0b57d0", "#79c0ff")  # search results and the focus ring in a widget
# JupyterLab's own variables, which a widget uses for everything except the picture.
JUPYTERLAB = {
    "paper": "--jp-layout-color0",
    "ground": "--jp-layout-color1",
    "ink": "--jp-ui-font-color1",
    "muted": "--jp-ui-font-color2",
    "line": "--jp-border-color1",
}


def variables(night: int, host: bool = False) -> str:
    """The palette as CSS variables.

    Arguments:
        night: 0 for light, 1 for dark.
        host: use JupyterLab's colors where they are defined.
    """
    palette = {**PALETTE, "ground": PALETTE["frame"], "line": PALETTE["border"], "found": FOUND}
    return "".join(
        f"--{name}:var({JUPYTERLAB[name]},{pair[night]});"
        if host and name in JUPYTERLAB
        else f"--{name}:{pair[night]};"
        for name, pair in palette.items()
    )


def document_css() -> str:
    """The variables for a standalone document, light or dark as the system is set."""
    return f":root{{{variables(0)}}}@media (prefers-color-scheme:dark){{:root{{{variables(1)}}}}}"


def widget_css(selector: str) -> str:
    """The variables for a widget: light or dark like the notebook, or else as the system is set."""
    picture = [
        "".join(f"--{x}:{pair[night]};" for x, pair in {**PALETTE, "found": FOUND}.items() if x not in JUPYTERLAB)
        for night in (0, 1)
    ]
    return (
        f"{selector}{{{variables(0, host=True)}}}\n"
        f"@media (prefers-color-scheme:dark){{{selector}{{{variables(1, host=True)}}}}}\n"
        f'[data-jp-theme-light="false"] {selector}{{{picture[1]}}}\n'
        f'[data-jp-theme-light="true"] {selector}{{{picture[0]}}}\n'
    )
