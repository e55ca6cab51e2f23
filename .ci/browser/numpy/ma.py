"""Masked arrays, of which there are none here."""


class MaskedArray: ...


def is_masked(x: object) -> bool:
    return False
