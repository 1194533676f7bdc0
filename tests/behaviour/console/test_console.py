"""The console in a real browser: sign in, browse, filter, search, explain, watch."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from aiomilvus import DataType, Function, FunctionType, MilvusClient
from tests.support.serving import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiomilvus.server import Server

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
PASSWORD = "changed-1"

needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="no Chromium here: `make browser` installs it",
)
pytestmark = pytest.mark.timeout(180)


def fill(client: MilvusClient) -> None:
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=200, enable_analyzer=True)
    schema.add_field("year", DataType.INT32)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    bm25 = Function("bm25", FunctionType.BM25, ["title"], ["words"])
    schema.add_function(bm25)
    indexes = client.prepare_index_params()
    indexes.add_index("dense", index_type="HNSW", metric_type="L2", params={"M": 8})
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    client.create_collection("books", schema=schema, index_params=indexes)
    for part in range(2):
        rows = [
            {"id": n, "title": f"book {n} <b>bold</b>", "year": 1950 + n, "dense": [n, 0, 0, 0]}
            for n in range(40 * part, 40 * part + 40)
        ]
        client.insert("books", rows)
        if part == 0:
            client.flush("books")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("console") / "app.db"
    with running(path, http_port=0, auth=True, root_password=PASSWORD) as served:
        with MilvusClient(served.uri, token=f"root:{PASSWORD}") as client:
            fill(client)
            client.create_user("ada", "ada-secret", description="reads")
            client.create_role("reader")
            client.grant_role("ada", "reader")
            client.grant_privilege_v2("reader", "CollectionReadOnly", "books")
        yield served


class Page:
    """A browser at the console."""

    def __init__(self, driver: webdriver.Chrome, root: str) -> None:
        self.driver = driver
        self.root = root

    def until(self, condition: Callable[[], Any]) -> Any:
        return WebDriverWait(self.driver, 30, ignored_exceptions=[Exception]).until(
            lambda _: condition()
        )

    def all(self, css: str) -> list[Any]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css: str) -> Any:
        """Return the first element that a selector finds, as soon as there is one."""
        return self.until(lambda: self.all(css))[0]

    def click(self, css: str) -> None:
        self.one(css).click()

    def write(self, css: str, text: str) -> None:
        element = self.one(css)
        element.clear()
        element.send_keys(text)

    def texts(self, css: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
        found: list[str] = self.driver.execute_script(script, css)
        return found

    def shows(self, css: str, text: str) -> None:
        """Wait until an element's text contains another."""
        self.until(lambda: any(text in each for each in self.texts(css)))

    def go(self, place: str) -> None:
        self.driver.get(f"{self.root}/console/#/{place}")

    def sign_in(self, user: str, password: str) -> None:
        self.write("input[name=user]", user)
        self.write("input[name=password]", password)
        self.click("button[type=submit]")

    def keep(self, name: str) -> None:
        """Keep a picture where CONSOLE_SCREENSHOTS says."""
        folder = os.environ.get("CONSOLE_SCREENSHOTS")
        if folder:
            self.driver.save_screenshot(str(Path(folder) / f"{name}.png"))


# The browser is to ask nobody but our server, and to find nothing that another run has left.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1360,900"):
        options.add_argument(argument)
    for argument in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: webdriver.Chrome, server: Server) -> Iterator[Page]:
    opened = Page(browser, server.http_uri)
    browser.get(f"{server.http_uri}/")
    browser.execute_script("sessionStorage.clear()")
    browser.get("about:blank")
    browser.get(f"{server.http_uri}/")
    yield opened
    refusals = ("401 (Unauthorized)", "403 (Forbidden)")
    said = [each for each in browser.get_log("browser") if each["level"] == "SEVERE"]
    assert [each for each in said if not each["message"].endswith(
        tuple(f"status of {why}" for why in refusals))] == []  # fmt: skip


@pytest.fixture
def inside(page: Page) -> Page:
    page.sign_in("root", PASSWORD)
    page.one(".cards")
    return page


@needs_browser
def test_one_signs_in_and_out(page: Page) -> None:
    page.sign_in("root", "wrong")
    page.shows(".error", "Not accepted")
    page.keep("login")
    page.sign_in("root", PASSWORD)
    page.shows(".cards", "80")
    page.shows("table", "books")
    page.keep("overview")
    page.click(".side > button")
    page.one("input[name=user]")
    assert page.all("main") == []


@needs_browser
def test_the_schema_is_shown(inside: Page) -> None:
    inside.click(".collections a")
    inside.shows("h1", "books")
    inside.shows("tbody", "function output")
    inside.shows("tbody", "SparseFloatVector")
    inside.keep("schema")


@needs_browser
def test_rows_are_browsed_and_filtered(inside: Page) -> None:
    inside.go("collection/default/books/data")
    inside.shows(".rows h2", "Rows 1 to 25")
    assert inside.texts(".rows tbody tr td:first-child")[:2] == ["0", "1"]
    assert inside.all(".rows b") == []  # what rows hold is text, never markup
    inside.shows(".rows tbody", "<b>bold</b>")
    inside.click("button[name=next]")
    inside.shows(".rows h2", "Rows 26 to 50")
    inside.write("input[name=filter]", "year > 2020")
    inside.click("button[type=submit]")
    inside.shows(".rows h2", "Rows 1 to 9")
    inside.keep("data")
    inside.write("input[name=filter]", "year >")
    inside.click("button[type=submit]")
    inside.shows(".rows .error", "code 1100")


@needs_browser
def test_vectors_and_texts_are_searched_and_explained(inside: Page) -> None:
    inside.go("collection/default/books/search")
    inside.write("textarea[name=query]", "[50, 0, 0, 0]")
    inside.click("button[type=submit]")
    inside.shows(".hits h2", "10 hits")
    assert inside.texts(".hits tbody tr td:first-child")[0] == "50"
    assert inside.texts(".hits tbody tr td:nth-child(2)")[0] == "0.0000"
    inside.write("input[name=filter]", "year < 1960")
    inside.click("button[type=submit]")
    inside.until(lambda: inside.texts(".hits tbody tr td:first-child")[0] == "9")
    inside.keep("search")
    inside.click("button[name=explain]")
    inside.shows(".plan text", "of 40 rows")
    assert len(inside.all(".plan .box")) == 2  # a sealed and a growing segment
    inside.keep("explain")
    inside.write("input[name=filter]", "")
    inside.driver.execute_script(
        "const s = document.querySelector('select[name=field]'); s.value = 'words';"
        "s.dispatchEvent(new Event('change'))"
    )
    inside.write("textarea[name=query]", "17")
    inside.click("button[type=submit]")
    inside.until(lambda: inside.texts(".hits tbody tr td:first-child") == ["17"])
    inside.driver.execute_script(
        "const s = document.querySelector('select[name=mode]'); s.value = 'Hybrid';"
        "s.dispatchEvent(new Event('change'));"
        "const f = document.querySelector('select[name=field]'); f.value = 'dense';"
        "f.dispatchEvent(new Event('change'))"
    )
    inside.click("button[type=submit]")
    inside.shows(".hits h2", "10 hits")
    inside.click("button[name=explain]")
    inside.shows(".plan text", "hybrid search")
    inside.keep("hybrid")


@needs_browser
def test_indexes_and_segments_show_how_far_they_are(inside: Page, server: Server) -> None:
    inside.go("collection/default/books/indexes")
    inside.shows("tbody", "HNSW")
    inside.shows("tbody", "40 / 80")
    inside.go("collection/default/books/segments")
    inside.shows("h2", "Segments (2)")
    with MilvusClient(server.uri, token=f"root:{PASSWORD}") as client:
        client.create_collection("films", dimension=2)
        inside.go("collection/default/films/indexes")
        inside.shows("tbody", "0 / 0")
        client.insert("films", [{"id": n, "vector": [n, 0]} for n in range(5)])
        client.flush("films")
        inside.shows("tbody", "5 / 5")  # without being asked again
        client.drop_collection("films")


@needs_browser
def test_users_and_metrics_are_shown(inside: Page) -> None:
    inside.go("users")
    inside.shows("tbody", "reader")
    inside.shows("tbody", "CollectionReadOnly")
    inside.keep("users")
    inside.go("metrics")
    inside.until(lambda: len(inside.all(".chart svg .line[d]")) == 8)
    inside.keep("metrics")


ONE_OF_SEVERAL = """
const asked = window.fetch;
window.fetch = async (path, ...given) => {
  const reply = await asked(path, ...given);
  if (path !== "/metrics") return reply;
  return new Response((await reply.text()).replace(/^process_.*/gm, ""));
};
"""


@needs_browser
def test_what_a_worker_does_not_tell_of_the_others_is_not_known(inside: Page) -> None:
    inside.go("metrics")
    inside.one(".chart")
    inside.driver.execute_script(ONE_OF_SEVERAL)
    inside.go("")
    inside.until(lambda: "not knownmemory" in inside.texts(".card"))
    inside.go("metrics")
    told = ["Processornot known", "Memorynot known", "Open filesnot known"]
    inside.until(
        lambda: [each for each in inside.texts(".chart header") if "known" in each] == told
    )


@needs_browser
def test_rows_that_are_in_no_index_yet_are_not_shown_as_built(inside: Page) -> None:
    inside.until(lambda: inside.all("td .bar:not(.done)[title='80 of 160']"))


@needs_browser
def test_a_reader_sees_what_it_may(page: Page) -> None:
    page.sign_in("ada", "ada-secret")
    page.one(".cards")
    page.go("collection/default/books/data")
    page.shows(".rows h2", "Rows 1 to 25")
    page.go("users")
    page.shows(".error", "permission deny")


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_script_of_its_own(
    server: Server,
) -> None:
    with httpx.Client(base_url=server.http_uri) as http:
        first = http.get("/")
        assert (first.status_code, first.headers["location"]) == (302, "/console/")
        found = http.get("/console/")
        policy = found.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "<script>" not in found.text
        assert " on" not in found.text.replace(" one", "")
        again = http.get("/console/", headers={"If-None-Match": found.headers["etag"]})
        assert again.status_code == 304
        names = [name.strip('"') for name in found.text.split() if name.endswith('.js"')]
        for name in [part.removeprefix('href="').removeprefix('src="') for part in names]:
            script = http.get(f"/console/{name.rstrip('>')}")
            assert script.headers["content-type"].startswith("text/javascript")
            assert "http://" not in script.text.replace("http://www.w3.org", "")
            assert "https://" not in script.text
        assert http.get("/console/../app.db").status_code == 404
        assert http.get("/console/%2e%2e/pages.py").status_code == 404
