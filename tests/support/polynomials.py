"""Polynomials with whole coefficients, exact: what nested derivatives are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Monomial = tuple[tuple[str, int], ...]  # names and exponents, sorted


class Polynomial:
    """A sum of monomials.  It adds, multiplies, differentiates, and takes polynomials in the place of its variables."""

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        self.terms = {monomial: factor for monomial, factor in terms.items() if factor}

    @classmethod
    def of(cls, x: Any) -> Polynomial:
        return x if isinstance(x, Polynomial) else cls({(): x})

    @classmethod
    def variable(cls, name: str) -> Polynomial:
        return cls({((name, 1),): 1})

    def __add__(self, other: Any) -> Polynomial:
        found = dict(self.terms)
        for monomial, factor in Polynomial.of(other).terms.items():
            found[monomial] = found.get(monomial, 0) + factor
        return Polynomial(found)

    def __mul__(self, other: Any) -> Polynomial:
        found: dict[Monomial, int] = {}
        for a, p in self.terms.items():
            for b, q in Polynomial.of(other).terms.items():
                powers = dict(a)
                for name, power in b:
                    powers[name] = powers.get(name, 0) + power
                monomial = tuple(sorted(powers.items()))
                found[monomial] = found.get(monomial, 0) + p * q
        return Polynomial(found)

    __radd__, __rmul__ = __add__, __mul__

    def derivative(self, name: str) -> Polynomial:
        found = Polynomial({})
        for monomial, factor in self.terms.items():
            powers = dict(monomial)
            power = powers.pop(name, 0)
            if power:
                if power > 1:
                    powers[name] = power - 1
                found += Polynomial({tuple(sorted(powers.items())): factor * power})
        return found

    def at(self, values: Mapping[str, Any]) -> Polynomial:
        """With these in the place of the variables that are named."""
        found = Polynomial({})
        for monomial, factor in self.terms.items():
            term = Polynomial({(): factor})
            for name, power in monomial:
                x = Polynomial.of(values[name]) if name in values else Polynomial.variable(name)
                for _ in range(power):
                    term = term * x
            found += term
        return found

    def number(self) -> int:
        assert set(self.terms) <= {()}, f"variables are left: {self.terms}"
        return self.terms.get((), 0)
