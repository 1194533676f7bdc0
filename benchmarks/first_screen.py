"""How long a browser takes from nothing to the console's first screen; for the doors' benchmark."""

from __future__ import annotations

import shutil

from selenium import webdriver

ROUNDS = 7
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1360,900")
_SHOWN = """
const done = arguments[0];
const look = () =>
  document.querySelector(".cards") ? done(performance.now()) : requestAnimationFrame(look);
look();
"""
"""Tells the milliseconds from the navigation to the frame in which the overview's cards stand."""


def first_screens(address: str) -> list[float] | None:
    """Return the milliseconds of each round, none of which finds anything in the browser's cache.

    Args:
        address: Of the HTTP door of a server without users, host and port.

    Returns:
        The times, in their order; None where there is no Chromium with its driver.
    """
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        return None
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in _OPTIONS:
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        return [_round(browser, address) for _ in range(ROUNDS)]
    finally:
        browser.quit()


def _round(browser: webdriver.Chrome, address: str) -> float:
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.get(f"http://{address}/console/")
    shown: float = browser.execute_async_script(_SHOWN)
    return shown
