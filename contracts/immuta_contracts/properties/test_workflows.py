"""Workflows: the links of the document, followed from one answer to the next."""

from hypothesis import strategies as st

from immuta_contracts.check import layer
from immuta_contracts.connectors import C5
from immuta_contracts.walks import Walk
from immuta_contracts.world import World

STEPS = 15
SYSTEMATIC = 200  # more calls than it takes to follow every link once


@layer("workflows", on=C5, once=True)
def test_every_link_of_the_document_leads_to_a_success(w: World) -> None:
    walk = Walk(w)
    walk.begin()
    for _ in range(SYSTEMATIC):
        way = walk.onward()
        if way is None:
            break
        walk.follow(way)
    if walk.unfollowed():
        w.note(f"links that could not be followed: {', '.join(map(str, walk.unfollowed()))}")


@layer("workflows", on=C5, examples=lambda profile: profile.workflows)
def test_any_walk_along_the_links_stays_with_its_data_source(w: World) -> None:
    walk = Walk(w)
    walk.begin()
    for _ in range(STEPS):
        if ways := walk.open():
            walk.follow(w.draw(st.sampled_from(ways)))
