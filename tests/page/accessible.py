# SPDX-License-Identifier: Apache-2.0
"""The verification page for those who use no mouse, no colours, a screen reader, a narrow window or large letters.

usage: accessible.py [FOLDER]   with a folder that holds axe-core, only what that finds
"""

import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from browser import Browser  # noqa: E402
from scenario import main, run, say  # noqa: E402
from shown import JUDGED_AT, KEY, OF_STATE, Service, golden, request  # noqa: E402

FOCUSED = """(() => { const one = document.activeElement; const style = getComputedStyle(one);
  return { name: one.id || one.tagName, words: (one.labels?.[0] ?? one).innerText?.trim().slice(0, 40) ?? '',
           seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && one.checkVisibility() }; })()"""


def opened(*verdicts):
    service.show(*(golden(name) for name in verdicts), requests=[request(2, "01" * 32), request(1, None, "net.unreachable")])
    page = browser.page(JUDGED_AT + 12)
    page.open(f"{service.url}/verify#key={KEY}")
    page.until("!document.getElementById('cards').hidden", "the cards are shown")
    return page


def walk(page, most=60):
    """What Tab reaches, in order, until it leaves the page; each is seen to have the focus."""
    reached = []
    while len(reached) < most:
        page.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["name"] == "BODY":
            return reached
        assert at["seen"], f"the focus cannot be seen at {at}"
        reached.append(at["name"] if at["name"] != "A" else at["words"])
    raise AssertionError(f"Tab does not leave the page: {reached}")


def by_keyboard_alone():
    page = opened("amber-out-of-date", "verified")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    reached = walk(page)
    assert reached == ["Skip to the content", "check", "assumed-honest",
                       *(f"node-{node}-{what}" for node in (1, 2) for what in ("summary", "save-verdict", "save-bundle", "save-challenge")),
                       "DIV"], reached
    # Each does what it is for: the choice by arrows, the list of checks by Enter, the check by Space.
    page.evaluate("document.getElementById('assumed-honest').focus()")
    before = page.evaluate("document.querySelector('.path').innerText")
    page.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "assumed-together"
    assert page.evaluate("document.querySelector('.path').innerText") != before
    page.evaluate("document.getElementById('node-1-summary').focus()")
    page.press("Enter")
    assert page.evaluate("document.getElementById('node-1-checks').open")
    page.evaluate("document.getElementById('check').focus()")
    checks = service.checks
    page.press(" ", code="Space")
    page.until("!document.getElementById('check').hasAttribute('aria-disabled')", "it was checked again")
    assert service.checks == checks + 1
    # A new judging leaves the focus, what was opened and what was chosen.
    page.evaluate("document.getElementById('node-1-summary').focus()")
    service.show(golden("amber-out-of-date"), golden("debug"))
    page.until("document.getElementById('verdict').dataset.state === 'not_verified'", "there is another judging")
    assert page.evaluate("document.activeElement.id") == "node-1-summary"
    assert page.evaluate("document.getElementById('node-1-checks').open && document.getElementById('assumed-together').checked")
    page.press("Tab", shift=True)
    assert page.evaluate("document.activeElement.id") == "assumed-together"
    page.close()


def for_a_screen_reader():
    """Landmarks, headings in order, names of all that can be used, and what is said when something changes."""
    page = opened("simulated", "debug")
    tree = [node for node in page.call("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")]

    def of(role):
        return [node.get("name", {}).get("value", "") for node in tree if node["role"]["value"] == role]

    assert len(of("banner")) == len(of("main")) == len(of("contentinfo")) == 1
    regions = of("region")
    for name in ("Simulated", "Not verified", "Who can read this?", "Which machine?", "Which code and model?", "This request"):
        assert name in regions or name == "Simulated", (name, regions)
    for role in ("button", "radio", "table", "DisclosureTriangle", "textbox", "article"):
        assert all(of(role)) or role == "table", (role, of(role))
    levels = [int(prop["value"]["value"]) for node in tree if node["role"]["value"] == "heading"
              for prop in node["properties"] if prop["name"] == "level"]
    assert levels[0] == 1 and levels.count(1) == 1, levels
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:])), levels
    said = page.evaluate("document.querySelector('[role=status]').innerText")
    assert said.startswith("Not verified") and "tdx.debug" in said, said
    assert page.evaluate("document.querySelector('[role=alert]').id") == "trouble"
    assert page.evaluate("document.documentElement.lang") == "en"
    # What runs on by itself is not said: only a state that changes is.
    page.evaluate("""new MutationObserver((list) => { globalThis.saidAgain = list.length; })
      .observe(document.querySelector('[role=status]'), { subtree: true, childList: true, characterData: true })""")
    age = page.evaluate("document.getElementById('verdict-age').textContent")
    page.until(f"document.getElementById('verdict-age').textContent !== {json.dumps(age)}", "the age runs on")
    assert page.evaluate("globalThis.saidAgain") is None
    page.close()


def words_beside_colours():
    """Each state and outcome stands in words; without any colour they still differ."""
    page = opened("verified")
    marks = {}
    for state, name in OF_STATE.items():
        service.show(golden(name))
        page.until(f"document.getElementById('verdict').dataset.state === '{state}'", state)
        mark = page.evaluate("getComputedStyle(document.querySelector('.mark'), '::before').content")
        border = page.evaluate("getComputedStyle(document.getElementById('verdict')).borderStyle")
        marks[state] = (mark, border)
        outcomes = page.evaluate("""[...document.querySelectorAll('.checks > li')].map((one) =>
          [one.dataset.outcome, one.querySelector('strong').textContent].join(' '))""")
        assert set(outcomes) <= {"pass Passed", "note Note", "fail Failed", "not_run Did not run"}, set(outcomes)
    assert len(set(marks.values())) == len(marks), marks
    page.close()


def narrow_and_large():
    """320 pixels wide (or 1280 at four times the size), nothing is cut off and nothing scrolls sideways but the table."""
    page = opened("verified")
    for name in (*OF_STATE.values(), "unreadable"):
        service.show(golden(name), golden("debug"), requests=[request(1, "01" * 32)])
        page.until(f"document.querySelectorAll('#card-machine article').length === 2 && "
                   f"document.getElementById('node-1-title').innerText.length > 0", name)
        page.evaluate("[...document.querySelectorAll('details')].forEach((one) => { one.open = true; })")
        for width in (320, 640, 1280):
            page.size(width, 800)
            wide = page.evaluate("""[...document.querySelectorAll('body *')].filter((one) => one.checkVisibility() &&
              !one.closest('.scroll') && !one.closest('.skip') &&
              one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80))""")
            assert not wide and page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width, wide[:3])
    page.close()


def nothing_moves():
    page = opened("simulated")
    moving = page.evaluate("""[document.getAnimations().length, ...[...document.querySelectorAll('*')].map((one) => getComputedStyle(one))
      .filter((style) => style.animationName !== 'none' || !/^(0s(, )?)+$/.test(style.transitionDuration))].length""")
    assert moving == 1, moving
    page.close()


def axe():
    """What axe-core finds: nothing, in either colour scheme, whatever the state."""
    script = (pathlib.Path(sys.argv[1]) / "node_modules/axe-core/axe.min.js").read_text()
    page = opened("verified")
    page.evaluate(script + "; undefined")
    count = 0
    for scheme in ("light", "dark"):
        page.prefer(prefers_color_scheme=scheme)
        for state, name in OF_STATE.items():
            service.show(golden(name), golden(name), requests=[request(2, "01" * 32), request(1)])
            page.until(f"document.getElementById('verdict').dataset.state === '{state}'", state)
            page.evaluate("[...document.querySelectorAll('details')].forEach((one) => { one.open = true; })")
            result = page.evaluate("""axe.run(document, { resultTypes: ['violations'] }).then((found) => ({ passes: found.passes.length,
              violations: found.violations.map((one) => [one.id, one.help, one.nodes.length, one.nodes[0].html.slice(0, 200),
                one.nodes[0].failureSummary]) }))""")
            assert result["passes"] > 20 and not result["violations"], (scheme, state, json.dumps(result, indent=1)[:3000])
            count += result["passes"]
    page.close()
    asking = browser.page(JUDGED_AT)
    asking.open(f"{service.url}/verify")
    asking.evaluate(script + "; undefined")
    found = asking.evaluate("axe.run().then((found) => found.violations.map((one) => [one.id, one.help, one.nodes[0].html]))")
    assert not found, found
    asking.close()
    say(f"   {count} rules held, none broken")


def scenario():
    global browser, service
    with Service() as service, Browser() as browser:
        if sys.argv[1:]:
            return run(axe)
        run(by_keyboard_alone, for_a_screen_reader, words_beside_colours, narrow_and_large, nothing_moves)


main(scenario)
