"""Settings for all tests."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# The same examples on every run and no clock: a test that fails today fails tomorrow, on a slow machine as on a fast
# one.  To look further: pytest --hypothesis-profile=explore
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile("same")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BROWSER = CHROMIUM is not None and importlib.util.find_spec("playwright") is not None
SITE = BROWSER and shutil.which("npm") is not None
LIBRARIES = all(map(importlib.util.find_spec, ("jax", "torch", "dask", "array_api_compat", "array_api_strict")))
collect_ignore = [] if SITE else ["browser/test_site.py"] if BROWSER else ["browser"]
if not LIBRARIES:
    collect_ignore.append("libraries")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not LIBRARIES:
        terminalreporter.write_line("left out: tests/libraries; they need pip install -e '.[libraries]'")
    if not BROWSER:
        terminalreporter.write_line(
            "left out: tests/browser; they need Chromium (apt install chromium) and pip install playwright"
        )
    elif not SITE:
        terminalreporter.write_line("left out: tests/browser/test_site.py; it needs npm (apt install npm)")


# One browser for all tests in tests/browser: Debian's Chromium, cut off from every machine but this one.
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(params=["light", "dark"])
def page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page that fails the test on any error in its console and on any request that leaves the machine."""
    context = browser.new_context(viewport={"width": 1100, "height": 700}, color_scheme=request.param)
    found = context.new_page()
    found.set_default_timeout(20_000)
    complaints: list[str] = []
    found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    found.on("pageerror", lambda error: complaints.append(str(error)))

    def guard(route: Any) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1", "http://localhost")):
            route.continue_()
        else:
            complaints.append(f"a request left the machine: {route.request.url}")
            route.abort()

    context.route("**/*", guard)
    yield found
    context.close()
    assert complaints == []
