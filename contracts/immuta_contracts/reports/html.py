"""A run document or a comparison as one self-contained HTML page: nothing is loaded, and no script is needed."""

import re
from functools import cache

import jinja2
from markupsafe import Markup, escape

from immuta_contracts.reports import account, matrix, plots
from immuta_contracts.reports import comparison_text as words
from immuta_contracts.reports.document import Document
from immuta_contracts.reports.verdict import Standing, findings, headline, mood, standing, tally, with_standing

SIGNS: dict[Standing, str] = {"kept": "✓", "broken": "✗", "advisory": "!", "known": "≈", "not tried": "?"}
IN_WORDS = ("headline", "mood", "tally", "rate", "said", "apart", "one_sided", "ended", "times")
SAYS: dict[Standing, str] = {
    "kept": "kept",
    "broken": "broken",
    "advisory": "broken, but only advisory here",
    "known": "broken, a known deviation",
    "not tried": "not tried, or not in full",
}


def html(whole: Document) -> str:
    """The page."""
    return _page("page.html.j2").render(
        run=whole,
        headline=headline(whole),
        mood=mood(whole),
        tally=tally(whole),
        tiles=[(kind, len(with_standing(whole, kind))) for kind in SIGNS],
        findings=findings(whole),
        connectors=matrix.connectors(whole),
        families=matrix.families(whole),
        statuses=matrix.statuses(whole),
        coverage=matrix.coverage(whole),
        latencies=plots.latencies(whole),
        axis=plots.axis(whole),
        ended=whole.get("trouble", {}).get("ended"),
        fence=account.fence(whole),
        way=account.way(whole),
        circumstances=account.circumstances(whole),
    )


def comparison_html(whole: Document) -> str:
    """The page of a comparison."""
    sides = {side: account.fence(whole[side]) + account.way(whole[side]) for side in "ab"}
    return _page("comparison.html.j2").render(run=whole, sides=sides, **{name: vars(words)[name] for name in IN_WORDS})


@cache
def _page(template: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__, "page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(sentence=sentence, breakable=breakable, heat=matrix.heat, short=matrix.short)
    environment.filters.update(digits=digits, minute=minute, standing_of=standing)
    environment.globals.update(signs=SIGNS, says=SAYS, standing=standing)
    return environment.get_template(template)


def sentence(text: str) -> Markup:
    """A promise with its `code` as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # escaped before


def breakable(name: str) -> Markup:
    """A long name that may break between its words."""
    return Markup(re.sub(r"(?<=[a-z\].])(?=[A-Z.\[])|(?<=\.)", "<wbr>", str(escape(name))))


def digits(number: float) -> str:
    """A number with three digits that count, more where it has more before the point."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def minute(moment: str) -> str:
    """A moment as ISO 8601 writes it, for people."""
    return f"{moment[:10]} {moment[11:16]} UTC"
