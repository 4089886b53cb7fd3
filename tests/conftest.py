"""Fixtures shared by all tests: toy worlds, rendered reports, a real browser."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from incident_analytics import Records, load_sample

ROOT = Path(__file__).parent.parent
# How long an example takes says something of the machine, nothing of what it shows.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Folder of real exports by others; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "realdata"
    if not folder.is_dir():
        pytest.skip("the folder of real exports is not here")
    return folder


@pytest.fixture(scope="session")
def public_sample() -> Records:
    """The 14 real public incidents."""
    return load_sample("public")


@pytest.fixture(scope="session")
def fictional_sample() -> Records:
    """The fictional company's year."""
    return load_sample("fictional")


@pytest.fixture(scope="session")
def chromium():
    """A real Chromium, driven offline; the suite needs one, so a missing browser is an error on CI."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), os.environ.get("BROWSER_PATH"))
    if not found:
        assert not os.environ.get("CI"), "CI must have a Chromium: see tools/find_browser.sh"
        pytest.skip("no Chromium found; install one or name it in BROWSER_PATH")
    from playwright.sync_api import sync_playwright

    flags = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()
