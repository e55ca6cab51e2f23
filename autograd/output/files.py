"""Write a file completely or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


def write_file(path: str | os.PathLike[str], content: bytes | str) -> Path:
    """Write to a temporary file in the same folder and rename it, so that a half-written file is never visible.

    Arguments:
        path: the file; its folder must exist.
        content: bytes, or text, which is encoded as UTF-8; a lone surrogate becomes a question mark.

    Raises:
        OSError: the file cannot be written; an existing file stays unchanged.
    """
    given, path = Path(path), destination(path)
    content = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if path.exists() and not path.is_file():  # a pipe or a device must not be replaced by a regular file
        path.write_bytes(content)
        return given
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        if path.exists():
            os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return given


def in_words(error: Exception) -> str:
    """The message of an error, without the errno, e.g. "data.csv: No such file or directory"."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fspath(error.filename)}: {error.strerror}"
    return str(error)


def destination(path: str | os.PathLike[str]) -> Path:
    """The file that a path leads to, checked before work whose result is to be written there.

    Raises:
        OSError: its folder does not exist, or it is a folder.
    """
    path = Path(os.path.realpath(path))  # replace the target of a link, not the link
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {str(path)!r}: there is no folder {str(path.parent)!r}")
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {str(path)!r}: it is a folder")
    return path
