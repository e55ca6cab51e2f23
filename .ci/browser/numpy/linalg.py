"""Linear algebra: the norm of a vector."""

from .products import norm as norm


def svd(*given: object, **options: object) -> None:
    raise NotImplementedError("this NumPy has no singular value decomposition: choose two features, features=(0, 1)")
