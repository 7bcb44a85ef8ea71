"""Somebody at a screen: a real browser, signed in, whose faults are kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyotp
import pytest

CHROMIUM = Path(os.environ.get("FORBEAR_CHROMIUM", "/usr/bin/chromium"))
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not CHROMIUM.exists(),
        reason=f"no Chromium at {CHROMIUM}; install the package chromium or set FORBEAR_CHROMIUM",
    ),
]
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
    " --disable-sync --no-first-run"
).split()
PASSWORD = "correct horse battery"
DESKTOP, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}


class Reader:
    """Somebody at a screen; what goes wrong in their browser is kept."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.address = address
        self.faults: list[str] = []
        known = {"viewport": DESKTOP, "locale": "zh-CN", "color_scheme": "light"} | context
        self.page = browser.new_context(**known).new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda m: self.faults.append(m.text) if m.type == "error" else None)

    def sign_in(self, name: str) -> Any:
        self.page.goto(f"{self.address}/sign-in/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "sign-in" not in url)
        if "/second-step/set-up/" in self.page.url:
            self.set_up()
        return self.page

    def set_up(self) -> None:
        secret = self.page.locator("p.mono.small").inner_text().replace(" ", "")
        self.page.fill("input[name=code]", pyotp.TOTP(secret).now())
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button.main")
        self.page.wait_for_selector("ul.mono li")
        self.page.click("a.main")
        self.page.wait_for_url(lambda url: "second-step" not in url)
