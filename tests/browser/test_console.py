"""The console in a real browser: it shows what a tenant holds as it changes."""

import os
import re
import subprocess

from playwright.sync_api import expect

from consoles import Client, Show, row


def test_without_data_sources_it_says_how_to_create_one(show: Show, client: Client) -> None:
    page = show().page
    line = page.locator(".empty pre").inner_text()

    subprocess.run(["sh", "-c", line], env={**os.environ, "IMMUTA_API_KEY": "owner-key-local-only"}, check=True)

    expect(row(page, "Clients")).to_be_visible()
    assert [source["name"] for source in client.control.state()["dataSources"]] == ["Clients"]


def test_what_is_created_by_the_api_appears_with_its_handler_and_dictionary(show: Show, client: Client) -> None:
    page = show().page
    client.create("Orders", table="ORDERS")

    page.get_by_role("link", name="Orders").click()

    panel = page.get_by_role("complementary", name="Data source")
    expect(panel.get_by_role("heading", name="Orders")).to_be_visible()
    expect(panel.get_by_role("table", name="Dictionary").get_by_role("row")).to_contain_text(["Column", "EMAIL"])
    expect(panel.get_by_label("Handler metadata")).to_contain_text('"table": "ORDERS"')
    client.call("PUT", "/dataSource/1", {"name": "Invoices"})
    expect(panel.get_by_role("heading", name="Invoices")).to_be_visible()


def test_what_stays_stays_in_place_while_the_rest_is_renewed(show: Show, client: Client) -> None:
    client.create("First")
    page = show().page
    page.get_by_role("link", name="First").focus()
    page.evaluate("window.before = document.activeElement")

    client.create("Second")

    expect(row(page, "Second")).to_be_visible()
    assert page.evaluate("document.activeElement === window.before && window.before.isConnected")


def test_columns_are_searched_in_any_letter_case(show: Show, client: Client) -> None:
    column = {"dataType": "text", "remoteType": "text"}
    client.create("One", columns=[{"name": "E_mail", **column}, {"name": "other", **column}])
    client.create("Two", columns=[{"name": "email", **column}])
    page = show("columns").page

    page.get_by_role("searchbox").fill("MAIL")

    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_have_text(re.compile("E_mail.*One.*email.*Two"))


def test_requests_appear_as_they_come_with_details_and_a_line_that_sends_them_again(show: Show, client: Client) -> None:
    page = show("journal").page
    client.call("PUT", "/dictionary/7?debug=it's", {"metadata": [{"name": "it's", "dataType": "t", "remoteType": "t"}]})
    client.call("GET", "/datasource")

    page.get_by_role("link", name="/dictionary/7").click()
    panel = page.get_by_role("complementary", name="Request")
    expect(panel).to_contain_text("updateDictionary")
    expect(panel.locator(".problem")).to_have_text("Data source not found.")
    line = panel.get_by_label("Command line").inner_text()
    subprocess.run(["sh", "-c", line], env={**os.environ, "IMMUTA_API_KEY": "owner-key-local-only"}, check=True)

    expect(page.locator("tbody tr")).to_have_count(3)
    again, unmatched, first = client.control.journal()[::-1]
    for entry in (again, first):
        assert (entry["query"], entry["status"]) == ("debug=it's", 404)
    assert (again["request"]["body"], again["operation"]) == (first["request"]["body"], "updateDictionary")
    expect(row(page, "/datasource")).to_contain_text(unmatched["verdict"])


def test_the_journal_is_paused_and_filtered(show: Show, client: Client) -> None:
    page = show("journal").page
    client.call("GET", "/dataSource/1")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    client.call("GET", "/nowhere")

    expect(page.get_by_role("button", name="Go on (1 new)")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("combobox", name="Verdict", exact=True).select_option("unmatched")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_what_was_missed_is_made_up_for(show: Show, client: Client) -> None:
    visit = show("journal")
    page, live = visit.page, visit.page.locator("#live")
    client.call("GET", "/dataSource/1")
    expect(page.locator("tbody tr")).to_have_count(1)

    page.context.set_offline(True)
    page.evaluate("stop()")  # what is open stays so otherwise
    client.call("GET", "/dataSource/2")
    client.create("Missed")
    expect(live).not_to_have_text("live")
    page.context.set_offline(False)

    expect(live).to_have_text("live")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("nav")).to_contain_text("Data sources1")
    visit.complaints.clear()  # Chromium speaks of each refused connection


# What is steered
