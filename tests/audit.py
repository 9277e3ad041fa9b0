"""What every page in Chromium owes its reader: nothing that axe finds, and no sideways scrolling on a small phone."""

import re

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

NARROW = 320
# what the text of a page does not hold: what is open and ticked; and what is typed in, which is nothing to axe
OPENED = """[...document.querySelectorAll('details, dialog, input, select, textarea')]
  .map(e => e.open || e.checked || e.disabled).join()"""
TYPED = "[...document.querySelectorAll('input, select, textarea')].map(e => Boolean(e.value)).join()"
TOO_WIDE = """limit => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > limit && !e.closest('.scroll'))
  .map(e => e.outerHTML.slice(0, 80)).slice(-8)"""
# what was found sound in this process: a page built alike, of the same size, is not looked at a second time
_sound: set[tuple] = set()
CHANGING = re.compile(r'[0-9a-f]{32}|\d+|(?:nonce|value|data-token)="[^"]{30,}"|X-CSRFToken[^}]*')
# What changes nothing for axe, as long as it is there: which words stand between two tags or tell of a picture, where a
# link leads, what scripts and searching machines read; and how many there are of what is built alike.
ALIKE = (
    (re.compile(r">[^<]*[^<\s][^<]*<"), ">x<"),
    (re.compile(r">\s+<"), "><"),
    (re.compile(r'<(?:link|meta name="(?:robots|description)")[^>]*>|<script[^>]*>.*?</script>'), ""),
    (re.compile(r'\b(href|src|action|alt|title|placeholder|capture|(?:data|hx)-[a-z-]+)="[^"#][^"]*"'), r'\1="x"'),
    (re.compile(r"(<(li|tr|i|p)\b(?:(?!</?\2\b).)*</\2>)\1+"), r"\1"),
)
# Meanwhile the third and every further row that is built like two others beside it (rows take turns in their ground) is
# not there; it would be as much work as they were.
RUN_AXE = """async part => {
  const told = / (id|for|href|src|value|name|alt|title|aria-(label|labelledby|describedby)|(data|hx)-[a-z-]+)="[^"]+"/g;
  const seen = new Map(), same = [];
  for (const row of document.querySelectorAll('tbody > tr, ul > li, ol > li')) {
    const built = row.outerHTML.replace(/>[^<]*[^<\\s][^<]*</g, '>x<').replace(told, ''), place = row.parentNode;
    seen.set(place, [...(seen.get(place) || []), built]);
    if (seen.get(place).filter(other => other === built).length > 2) { same.push([row, row.style.display]); }
  }
  same.forEach(([row]) => { row.style.display = 'none'; });
  const all = await axe.run(part || document, {resultTypes: ['violations']});
  same.forEach(([row, display]) => { row.style.display = display; });
  return all.violations.flatMap(found => found.nodes.map(node => `${found.id}: ${node.html.slice(0, 200)}`));
}"""


def axe_findings(page: Page, part: str = "") -> list[str]:
    """Rule and element of each. Only these travel: with all that passed, they were as much work as the search."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {AXE_SCRIPT}; }}")
    return page.evaluate(RUN_AXE, part)


def audit(page: Page, part: str = "") -> None:
    """What every page owes its reader: no axe finding, and no sideways scrolling on a phone of 320 px.

    `part`, a selector: axe looks there alone, where a page that was looked at whole has opened something.
    """
    page.wait_for_load_state()  # half a page has no end and no heading
    scripted, opened, typed = page.evaluate(f"[matchMedia('(scripting: enabled)').matches, {OPENED}, {TYPED}]")
    html, size = page.content(), page.viewport_size
    worded = CHANGING.sub("0", html)
    state = (scripted, size["width"], size["height"], part, opened)
    seen, built = (*state, typed, worded), (*state, _as_axe_sees(worded))
    if seen in _sound:
        return
    if built not in _sound:
        told = axe_findings(page if scripted else _with_scripts(page, html), part)
        assert not told, (page.url, told)
    fits(page)
    _sound.update((seen, built))


def fits(page: Page) -> None:
    """No sideways scrolling on a phone of 320 px."""
    size = page.viewport_size
    page.set_viewport_size({"width": NARROW, "height": size["height"]})
    width = page.evaluate("document.documentElement.scrollWidth")
    wide = page.evaluate(TOO_WIDE, NARROW) if width > NARROW else []
    page.set_viewport_size(size)
    assert width <= NARROW, f"{page.url} is {width} px wide at {NARROW}: {wide}"


def _as_axe_sees(html: str) -> str:
    for what, instead in ALIKE:
        html = what.sub(instead, html)
    return html


_windows: dict[Browser, Page] = {}


def _with_scripts(page: Page, html: str) -> Page:
    """axe is a script: without scripting it looks at a copy of the page, our own scripts left out. One window of the
    browser is kept for that: a new one each time costs more than the page does."""
    browser = page.context.browser
    copy = _windows.get(browser)
    if copy is None:
        copy = _windows[browser] = browser.new_context().new_page()
    copy.set_viewport_size(page.viewport_size)
    copy.context.clear_cookies()
    copy.context.add_cookies(page.context.cookies())
    address, body = page.url.partition("#")[0], re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL)
    copy.route(address, lambda route: route.fulfill(body=body, content_type="text/html"))
    copy.goto(page.url)
    copy.unroute(address)
    return copy
