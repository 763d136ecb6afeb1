"""The page in a real browser: every figure decodes, nothing is wider than the window, the contents fold on a phone."""

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)

PROBE = """<script>
addEventListener("load", () => {
  const images = [...document.images];
  const seen = {
    images: images.length,
    decoded: images.filter((image) => image.naturalWidth > 100).length,
    overflow: document.documentElement.scrollWidth - innerWidth,
    open: document.getElementById("contents").open,
    sticky: getComputedStyle(document.querySelector("nav details")).position,
  };
  const out = document.createElement("pre");
  out.id = "probe";
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
});
</script></body>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome on this machine")
@pytest.mark.parametrize("width", [1280, 500])
def test_the_page_in_a_browser(published, tmp_path, width):
    text = (published / "report.html").read_text(encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(text.replace("</body>", PROBE), encoding="utf-8")
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
        f"--window-size={width},900", "--virtual-time-budget=10000", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    seen = json.loads(unescape(re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.S)[1]))
    assert seen["images"] == seen["decoded"] >= 10
    assert seen["overflow"] <= 0
    assert seen["open"] is (width > 960)
    assert seen["sticky"] == ("sticky" if width > 960 else "static")
