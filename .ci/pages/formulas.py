"""Formulas of docstrings, set as mathematics.

Docstrings are read in a terminal, so formulas in them are plain text, set off by two spaces or on a line of their own:

    Softmax:  exp(x_i) / sum_j exp(x_j).

``with_formulas`` finds them, and writes them as LaTeX between dollar signs.  What does not parse stays text.
"""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?![A-Za-z]))|(?P<name>[A-Za-z]\w*)|(?P<dots>\.\.\.)"
    r"|(?P<symbol><-|<=|>=|\+=|//|[-+*/^=<>(),;|\[\].]))"
)
GREEK = {"alpha", "beta", "gamma", "delta", "mu", "sigma", "pi", "Phi", "theta", "eta"}
FUNCTIONS = {"exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "max", "min"}
RELATIONS = {"=": "=", "<-": r"\leftarrow ", "<": "<", ">": ">", "<=": r"\le ", ">=": r"\ge ", "+=": r"\mathrel{+}="}
# Words that occur in sentences and never in formulas.
WORDS = {
    *("a", "also", "an", "and", "are", "as", "by", "each", "else", "for", "if", "in", "is", "it", "near", "of", "or"),
    *("that", "the", "then", "to", "what", "with", "without"),
}
OPERATOR = re.compile(r"<-|[=^|*]|\+| [-/] |sum_|\w\(")


class NoFormulaError(Exception):
    """The text does not parse."""


def formula(text: str) -> str:
    """LaTeX for a formula.

    Raises:
        NoFormulaError: the text is none.
    """
    if not OPERATOR.search(text) or WORDS & set(text.split()):
        raise NoFormulaError(text)
    return _Parser(text).whole()


class _Parser:
    """A parser by recursive descent: each method reads one kind of expression and returns its LaTeX."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        self.glued: list[bool] = []  # whether no space stands before the token
        at = 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if found is None:
                raise NoFormulaError(text)
            token = found[0].strip()
            self.tokens.append(token)
            self.glued.append(found[0] == token)
            at = found.end()
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, token: str = "") -> str:
        if not self.next or (token and self.next != token):
            raise NoFormulaError(self.text)
        self.at += 1
        return self.tokens[self.at - 1]

    def whole(self) -> str:
        found = self.listed(",;")
        if self.next:
            raise NoFormulaError(self.text)
        return found

    def listed(self, separators: str) -> str:
        found = self.relation()
        while self.next and self.next in separators:
            found += self.take() + r"\ " + self.relation()
        return found

    def relation(self) -> str:
        found = self.sum()
        while self.next in RELATIONS:
            found += RELATIONS[self.take()] + self.sum()
        return found

    def sum(self) -> str:
        found = self.product()
        while self.next in ("+", "-"):
            if self.glued[self.at]:  # a hyphen
                raise NoFormulaError(self.text)
            found += f" {self.take()} " + self.product()
        return found

    def product(self) -> str:
        """Factors, side by side or with an operator between them; a quotient is a fraction of its two factors."""
        found = self.factor()
        before = ""  # the factors before the last one
        while True:
            if self.next == "*":
                self.take()
                before, found = before + found + r"\,", self.factor()
            elif self.next == ".":
                self.take()
                before, found = before + found + r"\cdot ", self.factor()
            elif self.next in ("/", "//"):
                left, right = (r"\lfloor ", r"\rfloor ") if self.take() == "//" else ("", "")
                found = rf"{left}\frac{{{_bare(found)}}}{{{_bare(self.factor())}}}{right}"
                if self.begins_factor:  # a / b c may be meant as a / (b c)
                    raise NoFormulaError(self.text)
            elif self.begins_factor:
                before, found = before + found + r"\,", self.factor()
            else:
                return before + found

    @property
    def begins_factor(self) -> bool:
        """Whether a factor follows without an operator."""
        return bool(self.next) and (self.next[0].isalnum() or self.next in "([") and not self.glued[self.at]

    def factor(self) -> str:
        if self.next == "-":
            self.take()
            return "-" + self.factor()
        found = self.atom()
        while self.next == "^":
            self.take()
            found = f"{{{found}}}^{{{_bare(self.factor())}}}"
        return found

    def atom(self) -> str:
        token = self.take()
        if token in ("(", "["):
            inner, end = self.listed(","), {"(": ")", "[": "]"}[token]
            return rf"\left{token}{inner}\right{self.take(end)}"
        if token == "|":
            inner = self.sum()
            self.take("|")
            return rf"\left|{inner}\right|"
        if token == "...":
            return r"\dots "
        if token[0].isdigit():
            return token
        if not token[0].isalpha():
            raise NoFormulaError(self.text)
        return self.named(token)

    def named(self, token: str) -> str:
        """A variable, or a function of what stands after it."""
        if token == "sqrt":
            return rf"\sqrt{{{_bare(self.atom())}}}"
        if token.startswith("sum_"):
            return rf"\sum_{{{token[4:]}}} {self.product()}"
        found, below = name(token), []
        while self.next == "[" and self.glued[self.at]:
            self.take()
            below.append(self.sum())
            self.take("]")
        if below:
            found += f"_{{{' '.join(below)}}}"
        if self.next == "(" and self.glued[self.at]:
            return found + self.atom()
        if token in FUNCTIONS and self.next and self.next not in RELATIONS:
            return f"{found} {self.factor()}"
        return found


def name(token: str) -> str:
    """LaTeX for the name of a variable or a function."""
    base, _, below = token.partition("_")
    if differential := re.fullmatch(r"d(\d?)([A-Za-z])", base):  # dy, d2y
        return rf"d{'^' + differential[1] if differential[1] else ''}{differential[2]}" + (
            f"_{{{below}}}" if below else ""
        )
    if numbered := re.fullmatch(r"([A-Za-z])(\d)", base):  # b1
        base, below = numbered[1], numbered[2]
    if base == "eps":
        found = r"\varepsilon "
    elif base in GREEK or base in FUNCTIONS:
        found = f"\\{base} "
    elif len(base) == 1:
        found = base
    else:
        found = rf"\mathrm{{{base}}}"
    if below and len(base) > 1 and base not in GREEK:
        return rf"\mathrm{{{token.replace('_', ' ')}}}".replace(" ", r"\_")
    if below:
        found += f"_{{{below}}}" if len(below) == 1 else rf"_{{\mathrm{{{below}}}}}"
    return found


def _bare(latex: str) -> str:
    """Without the parentheses around all of it, which a fraction, a root or an exponent does not need."""
    inner = latex.removeprefix(r"\left(").removesuffix(r"\right)")
    if len(inner) != len(latex) - len(r"\left(\right)"):
        return latex
    depth = 0
    for found in re.finditer(r"\\left\(|\\right\)", inner):
        depth += 1 if found[0] == r"\left(" else -1
        if depth < 0:
            return latex
    return inner


def with_formulas(line: str) -> str:
    """A line of a docstring, with its formulas as LaTeX between dollar signs; a line of formulas as blocks."""
    indent, text = re.match(r"(\s*)(.*)", line).groups()
    parts = [_formula_first(part) for part in re.split(r"\s{2,}", text)]
    if all(latex and rest in ("", ";", ",", ".") for latex, rest in parts):
        return "".join(f"\n{indent}$${latex}$$\n" for latex, _ in parts)
    return indent + " ".join(f"${latex}${rest}" if latex else rest for latex, rest in parts)


def _formula_first(text: str) -> tuple[str, str]:
    """The LaTeX of the formula with which a text begins, up to a comma or a colon or all of it, and the rest."""
    for end in (len(text), *(m.start() for m in re.finditer(r"[,:;.](?=\s|$)", text))):
        start = text[:end].rstrip(";,.")
        try:
            return formula(start), text[len(start) :]
        except NoFormulaError:
            continue
    return "", text
