"""The reference: every public name, from its docstring.

The objects themselves are read, by ``inspect``: a row of the table of operations is a function without a ``def``, which
the usual generators show as ``tanh(unknown)``; they also spell out every alias in a signature, and load what sets their
formulas from another server.
"""

from __future__ import annotations

import functools
import html
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from formulas import with_formulas
from operations import curves, derivatives
from page import Page, code, markdown, words

import autograd
import nn
import nn.estimators
from autograd import Op
from autograd.lessons import check

# Each page: its name, its title, what it is about, and the modules whose public names it shows.
PAGES = (
    ("values", "Values and graphs", "A number that remembers how it was made.", "autograd.engine"),
    (
        "operations",
        "Operations",
        "Each is a row of one table: a function, and its derivatives. z is the result.",
        "autograd.engine.rules",
    ),
    ("derivatives", "Derivatives of functions", "Gradients, Jacobians, Hessians.", "autograd.functional"),
    ("explanations", "Explanations", "Where a derivative comes from.", "autograd.explanations"),
    (
        "pictures",
        "Pictures and live graphs",
        "What is drawn, and what moves.",
        "autograd.picture autograd.live autograd.chart",
    ),
    (
        "programs",
        "Programs",
        "Scalars at the speed of matrices, and on other engines.",
        "autograd.program autograd.javascript",
    ),
    ("exercises", "Exercises and checks", "Questions whose answers are checked.", "autograd.lessons"),
    ("networks", "Networks", "Neurons, layers and what they are made of.", "nn.layers nn.module nn.modes"),
    ("losses", "Losses and scores", "How wrong a model is.", "nn.losses nn.classes"),
    ("optimizers", "Optimizers and learning rates", "How a gradient becomes a step.", "nn.optim"),
    ("initialization", "Initial weights", "Where training begins.", "nn.init"),
    ("data", "Data", "Examples, and how they are read, scaled and split.", "nn.data"),
    ("training", "Training", "Many steps, what is kept of them, and what goes wrong.", "nn.train"),
    ("plots", "Plots and live training", "Curves, regions, and a network that learns.", "nn.plots nn.live"),
    ("elsewhere", "Elsewhere", "scikit-learn and ONNX.", "nn.estimators nn.export"),
)
SECTION = re.compile(r"^(Arguments|Attributes|Returns|Raises|Yields):\n((?:(?:[ ]+.*)?\n?)+)", re.M)
EXAMPLE = re.compile(r"(?:^[ ]*>>> .*\n(?:^[ ]*\S.*\n?)*)+", re.M)


@dataclass
class Entry:
    """A public name.

    Attributes:
        path: as a user writes it, such as ``nn.optim.cosine_lr``.
        object: what it is.
        module: where it is defined.
    """

    path: str
    object: Any
    module: str

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def summary(self) -> str:
        """The first sentence of its docstring."""
        text = documentation(self.object).partition("\n\n")[0].replace("\n", " ")
        return re.split(r"\.\s+(?=[A-Z])", text)[0].rstrip(".")


def documentation(thing: Any) -> str:
    """The docstring that somebody wrote for it; that of a dictionary or a tuple is Python's own."""
    if isinstance(thing, dict):
        return f"A dictionary, with the keys {', '.join(f'``{key}``' for key in thing)}."
    if isinstance(thing, tuple):
        return f"A tuple of {len(thing)}."
    return inspect.getdoc(thing) or ""


def public() -> Iterator[Entry]:
    """Every public name once, by its shortest path."""
    faces: list[tuple[ModuleType, list[str]]] = [
        (autograd, [*autograd.__all__, "abs", "pow", *autograd._NEEDS_NUMPY]),
        (nn, [*nn.__all__, *nn._ROOMS]),
        (check, _own(check)),
        (nn.optim, list(nn.optim.__all__)),
        (nn.data, list(nn.data.__all__)),
        (nn.losses, _own(nn.losses)),
        (nn.init, _own(nn.init)),
        (nn.estimators, _own(nn.estimators)),
    ]
    seen: set[int] = set()
    for face, names in faces:
        for name in names:
            thing = getattr(face, name)
            if isinstance(thing, ModuleType) or id(thing) in seen or not documentation(thing) or not _is_ours(thing):
                continue
            seen.add(id(thing))
            module = getattr(thing, "__module__", None) or face.__name__
            module = "autograd.engine.rules" if isinstance(thing, Op) else module
            module = face.__name__ if isinstance(thing, dict | tuple) else module
            yield Entry(f"{face.__name__}.{name}", thing, module)


def _own(module: ModuleType) -> list[str]:
    """The public functions and classes that a module defines."""
    found = vars(module).items()
    return [name for name, x in found if name[0] != "_" and getattr(x, "__module__", "") == module.__name__]


def _is_ours(thing: Any) -> bool:
    """Whether it is a function, a class, or a table of this library; the names of types are left out."""
    if isinstance(thing, dict | tuple | Op):
        return True
    return callable(thing) and (inspect.isclass(thing) or inspect.isfunction(thing))


def place(entry: Entry) -> str:
    """The name of the page that has it: that with the longest module around it."""
    fits = [
        (len(module), name)
        for name, _, _, modules in PAGES
        for module in modules.split()
        if f"{entry.module}.".startswith(f"{module}.")
    ]
    return max(fits)[1] if fits else {"autograd": "operations", "nn": "networks"}[entry.module]


# ----------------------------------------------------------------------------------------------------------- docstrings


def described(text: str) -> str:
    """A docstring as HTML: its sections as lists, its formulas set, its examples as code."""
    parts, at = [], 0
    for found in SECTION.finditer(text + "\n"):
        parts += [_prose(text[at : found.start()]), _section(found[1], inspect.cleandoc(found[2]))]
        at = found.end()
    return "".join([*parts, _prose(text[at:])])


def _prose(text: str) -> str:
    """Paragraphs and examples."""
    parts, at = [], 0
    for found in EXAMPLE.finditer(text):
        parts += [_paragraphs(text[at : found.start()]), code(found[0].replace("<BLANKLINE>", ""), "pycon")]
        at = found.end()
    return "".join([*parts, _paragraphs(text[at:])])


def _paragraphs(text: str) -> str:
    marked = "\n".join(line if line.startswith("    ") else with_formulas(line) for line in text.splitlines())
    return markdown(re.sub(r"``(.+?)``", r"`\1`", marked), is_html=False)


def _section(title: str, text: str) -> str:
    """A section: a list of what is named in it, or paragraphs."""
    items = re.split(r"\n(?=\S)", text)
    if title in ("Returns", "Yields") or not all(re.match(r"[^\n:]+: ", item) for item in items):
        return f'<p class="part">{title}</p>{_prose(text)}'
    rows = []
    for item in items:
        name, _, about = item.partition(": ")
        shown = ", ".join(f"<code>{html.escape(part)}</code>" for part in name.replace("``", "").split(", "))
        rows.append(f"<dt>{shown}</dt><dd>{_prose(inspect.cleandoc(about))}</dd>")
    return f'<p class="part">{title}</p><dl>{"".join(rows)}</dl>'


def signature(name: str, thing: Any) -> str:
    """How it is called, as code.  An operation says so in its docstring."""
    if isinstance(thing, Op):
        return ""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    parameters = [str(p.replace(annotation=_plain(p.annotation))) for p in found.parameters.values()]
    parameters = [
        re.sub(r": '([^']*)'", r": \1", re.sub(r"<class '(\w+)'>", r"\1", p))
        for p in parameters
        if p not in ("self", "cls")
    ]
    result = (
        "" if found.return_annotation in (inspect.Signature.empty, "None") else f" -> {_plain(found.return_annotation)}"
    )
    result = "" if inspect.isclass(thing) else result
    line = f"{name}({', '.join(parameters)}){result}"
    if len(line) > 88:
        line = f"{name}(\n    " + ",\n    ".join(parameters) + f",\n){result}"
    return code(line)


def _plain(annotation: Any) -> Any:
    return (
        annotation.__name__ if inspect.isclass(annotation) and annotation is not inspect.Signature.empty else annotation
    )


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties with a docstring that a class itself defines; operations are left out."""
    for name, member in vars(kind).items():
        member = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        wanted = inspect.isfunction(member) or _is_property(member)
        if wanted and (name[0] != "_" or name == "__call__") and not isinstance(member, Op) and inspect.getdoc(member):
            yield name, member


def inherited(kind: type) -> str:
    """What it has from its base classes in this library."""
    parts = []
    for base in kind.__mro__[1:]:
        names = [f"<code>{name}</code>" for name, _ in members(base)]
        if names and base.__module__.startswith(("autograd", "nn")):
            parts.append(f"<p class='inherited'>As every <code>{base.__name__}</code>, it has {', '.join(names)}.</p>")
    return "".join(parts)


def _is_property(member: Any) -> bool:
    return isinstance(member, property | functools.cached_property)


def shown(entry: Entry) -> str:
    """A public name with all that is said about it."""
    thing = entry.object
    kind = "class" if inspect.isclass(thing) else "operation" if isinstance(thing, Op) else ""
    kind = f' <small class="kind">{kind}</small>' if kind else ""
    heading = f'<h2 id="{entry.path}"><code>{entry.path}</code>{kind}</h2>'
    parts = [heading, "" if isinstance(thing, dict | tuple) else signature(entry.path, thing)]
    parts.append(described(documentation(thing)))
    if isinstance(thing, Op):
        parts += [derivatives(thing), curves(thing)]
    if inspect.isclass(thing):
        for name, member in members(thing):
            anchor = f"{entry.path}.{name}"
            call = (
                ""
                if _is_property(member)
                else signature(entry.name.lower() if name == "__call__" else f".{name}", member)
            )
            title = "(...)" if name == "__call__" else f".{name}"
            parts.append(f'<section class="member"><h3 id="{anchor}"><code>{title}</code></h3>')
            parts += [call, described(inspect.getdoc(member) or ""), "</section>"]
        parts.append(inherited(thing))
    return "".join(parts)


# --------------------------------------------------------------------------------------------------------------- pages


def reference() -> tuple[list[Page], list[dict[str, str]]]:
    """The pages of the reference, its index first, and an entry of the search for each name."""
    by_page: dict[str, list[Entry]] = {name: [] for name, *_ in PAGES}
    for entry in public():
        by_page[place(entry)].append(entry)
    pages, entries, overview = [], [], []
    for name, title, about, _ in PAGES:
        found = by_page[name]
        links = "".join(f'<li><a href="#{x.path}"><code>{x.name}</code></a></li>' for x in found)
        content = (
            f'<p class="up"><a href="index.html">Reference</a></p><h1>{title}</h1><p>{about}</p>'
            f'<ul class="names">{links}</ul>{"".join(map(shown, found))}'
        )
        pages.append(Page(f"api/{name}.html", title, about, content))
        rows = "".join(
            f'<tr><td><a href="{name}.html#{x.path}"><code>{x.path}</code></a></td><td>{_line(x.summary)}</td></tr>'
            for x in found
        )
        overview.append(f'<h2><a href="{name}.html">{title}</a></h2><p>{about}</p><table class="wide">{rows}</table>')
        entries += [
            {"title": x.path, "url": f"api/{name}.html#{x.path}", "text": words(documentation(x.object))} for x in found
        ]
    about = (
        "Every public name, from its docstring. The tests run each example. The formulas and curves of the operations, "
        "and of their derivatives, are made from the rows of the table in <code>autograd/engine/rules.py</code>."
    )
    index = Page(
        "api/index.html", "Reference", "Every public name.", f"<h1>Reference</h1><p>{about}</p>{''.join(overview)}"
    )
    return [index, *pages], entries


def _line(text: str) -> str:
    """A sentence, without the paragraph around it."""
    line = with_formulas(text).strip().replace("$$", "$")
    return re.sub(r"</?p>", "", markdown(re.sub(r"``(.+?)``", r"`\1`", line), is_html=False)).strip()
