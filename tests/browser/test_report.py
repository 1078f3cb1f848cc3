"""The page of a run in a real browser, opened from disk: it asks for nothing, and all of it can be found and read."""

import json
import os
import subprocess

import pytest
from playwright.sync_api import Locator, Page

from reported import SECRETS, Reported
from visits import DESKTOP, PHONE, Open

ANSWERS = "ERR-1 on searchDictionaryColumns, createDictionary, updateDictionary, getDictionary, deleteDictionary"


@pytest.fixture(scope="module")
def url(run: Reported) -> str:
    return (run.folder / "report.html").as_uri()


def shown(page: Page, selector: str) -> list[str]:
    """The texts of those elements that can be seen."""
    seen = (
        "all => all.filter((each) => each.checkVisibility({contentVisibilityAuto: true})).map((each) => each.innerText)"
    )
    texts: list[str] = page.locator(selector).evaluate_all(seen)
    return texts


def tab_to(page: Page, place: Locator) -> None:
    """Go there as somebody without a mouse does."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {place}")


def test_it_is_one_file(run: Reported, url: str, open_page: Open) -> None:
    visit = open_page(url)
    assert visit.asked == [url]
    assert visit.page.title().endswith(f" contract run of {run.url}")


@pytest.mark.parametrize(
    ("verdict", "promise", "failures"),
    [
        ("broken", "SEARCH-2 broken", ["SEARCH-2 on asa, redshift"]),
        ("advisory", "ERR-1 advisory", [ANSWERS]),
        ("known", "COMP-4 known", ["COMP-4 on asa, redshift"] * 2),
        ("not tried", "ERR-7 not tried", []),
    ],
)
def test_promises_and_failures_are_found_by_verdict(
    url: str, open_page: Open, verdict: str, promise: str, failures: list[str]
) -> None:
    page = open_page(url).page
    page.get_by_label("Verdict").select_option(verdict)
    assert shown(page, ".promises th > b") == [promise]
    assert shown(page, ".failure h3") == failures
    assert page.get_by_role("status").inner_text() == f"promises: 1, failures: {len(failures)}"


def test_promises_and_failures_are_found_by_words(url: str, open_page: Open) -> None:
    page = open_page(url).page
    field = page.get_by_role("searchbox", name="Find a promise or a failure")
    for words, promises, failures in (
        ("search-2 REDSHIFT", ["SEARCH-2 broken"], ["SEARCH-2 on asa, redshift"]),
        ("letter case", ["SEARCH-2 broken"], ["SEARCH-2 on asa, redshift"]),
        ("dictionary -X DELETE", [], [ANSWERS]),
        ("no such thing", [], []),
    ):
        field.fill(words)
        assert (shown(page, ".promises th > b"), shown(page, ".failure h3")) == (promises, failures)
    field.fill("")
    assert page.get_by_role("status").inner_text() == "promises: 6, failures: 4"
    assert shown(page, ".promises th > b") == ["SEARCH-2 broken"]  # the others are in families that are closed


def test_a_failure_is_found_opened_and_copied_by_keyboard(run: Reported, url: str, open_page: Open) -> None:
    page = open_page(url, permissions=["clipboard-read", "clipboard-write"]).page
    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("COMP-4")
    failure = page.locator(".failure:visible").last
    tab_to(page, failure.locator(":scope > summary"))
    page.keyboard.press("Enter")
    assert shown(page, "#failure-4 > .sequence b") == ["POST", "GET", "GET"]
    copy = failure.get_by_role("button", name="Copy").first
    tab_to(page, copy)
    page.keyboard.press("Enter")
    failure.get_by_role("button", name="Copied").wait_for()
    recorded = run.whole["promises"][-1]["failures"][-2]["requests"][0]["curl"]
    assert page.evaluate("navigator.clipboard.readText()") == recorded


def test_its_curl_lines_fail_the_same_way_again(url: str, open_page: Open) -> None:
    failure = open_page(url).page.locator("#failure-1 > .sequence")
    lines, answers = (failure.locator(each).all_inner_texts() for each in (".curl", ".answer"))
    environment = {"PATH": os.environ["PATH"], **SECRETS}
    sent = [subprocess.run(["bash", "-c", line], env=environment, check=True, capture_output=True) for line in lines]
    assert json.loads(sent[-1].stdout) == json.loads(answers[-1])
    assert len(lines) == 2


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark"])
def test_all_of_it_can_be_read(url: str, open_page: Open, scheme: str, size: tuple[int, int]) -> None:
    visit = open_page(url, size=size, color_scheme=scheme)
    visit.open_all()
    assert visit.too_wide == 0
    assert visit.inaccessible() == []


def test_what_was_found_on_another_subject_opens_in_its_place(url: str, open_page: Open) -> None:
    page = open_page(url).page
    other = page.locator("#failure-1 .other")
    assert shown(page, "#failure-1 .other pre") == []
    other.locator("summary").click()
    assert shown(page, "#failure-1 .other .sequence b") == ["POST", "GET"]
    assert "/redshift/handler" in other.locator(".curl").first.inner_text()


def test_paper_shows_all_of_it_once(url: str, open_page: Open) -> None:
    page = open_page(url, color_scheme="dark", java_script_enabled=False).page
    page.emulate_media(media="print")
    everything = ".promises tr, .failure > :not(.other) pre, .chips li, .fields h4, .latency tr, dd"
    assert len(shown(page, everything)) == page.locator(everything).count()
    cut = "all => all.filter((each) => each.scrollHeight > each.clientHeight + 1).map((each) => each.textContent)"
    assert page.locator("pre").evaluate_all(cut) == []
    assert shown(page, ".other pre") == []
    assert shown(page, "nav, form, button") == []
    assert page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(255, 255, 255)"
