# SPDX-License-Identifier: Apache-2.0
"""The verification page in headless Chromium: what it shows of verdicts of every state, and of what is no verdict.

usage: states.py [--screenshots FOLDER]   with a folder, only writes the pictures of the documentation
"""

import copy
import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from browser import Browser  # noqa: E402
from scenario import main, run, say  # noqa: E402
from shown import JUDGED_AT, KEY, OF_STATE, SOURCE, Node, Service, golden, request  # noqa: E402

LOWEST = ["not_checked", "not_verified", "incomplete", "simulated", "verified_with_notes", "verified"]
NAMES = {"verified": "Verified", "verified_with_notes": "Verified with notes", "not_verified": "Not verified",
         "incomplete": "Incomplete", "simulated": "Simulated", "not_checked": "Not checked"}
# Every colour that anything on the page has, as it is painted, and whose it is.
COLOURS = """[...document.querySelectorAll('*')].filter((one) => one.checkVisibility()).flatMap((one) =>
  ['', '::before', '::after'].flatMap((part) => {
    const style = getComputedStyle(one, part || null);
    return ['color', 'backgroundColor', 'borderTopColor', 'borderLeftColor', 'outlineColor', 'backgroundImage', 'fill']
      .map((name) => `${one.tagName}#${one.id}.${one.className}${part} ${name} ${style[name]}`);
  }))"""
GREEN = """((lines) => lines.filter((line) => [...line.matchAll(/rgba?\\((\\d+), (\\d+), (\\d+)(?:, ([\\d.]+))?\\)/g)].some(
  ([, red, green, blue, alpha]) => alpha !== '0' && +green - Math.max(+red, +blue) > 8)))"""


def greens(page):
    return page.evaluate(f"{GREEN}({COLOURS})")


def shown(page):
    return page.evaluate("document.getElementById('verdict').dataset.state")


def opened(at=JUDGED_AT + 12, key=KEY):
    page = browser.page(at)
    page.open(f"{service.url}/verify#key={key}")
    page.until("!document.getElementById('cards').hidden", "the cards are shown")
    return page


def show(page, *verdicts, requests=()):
    """Puts another judging behind the page and waits until it is what the page shows."""
    service.show(*verdicts, requests=requests)
    page.until("!document.getElementById('check').hasAttribute('aria-disabled')", "the page is at rest")
    page.evaluate("document.getElementById('check').click()")
    page.until("!document.getElementById('check').hasAttribute('aria-disabled')", "the page has asked")
    return shown(page)


def five_states():
    page = opened()
    for state, name in OF_STATE.items():
        assert show(page, golden(name)) == state, (state, shown(page))
        assert page.evaluate("document.getElementById('verdict-state').textContent") == NAMES[state]
        assert page.evaluate("document.title") == f"{NAMES[state]} - OpenPCC"
        assert len(page.evaluate("document.getElementById('verdict-reason').textContent")) > 20
        assert bool(greens(page)) == (state == "verified"), (state, greens(page)[:3])
        hatched = page.evaluate("getComputedStyle(document.getElementById('verdict')).backgroundImage")
        assert ("repeating-linear-gradient" in hatched) == (state == "simulated"), (state, hatched)
    page.close()


def every_verdict_of_the_verifier_is_read():
    page = opened()
    names = sorted(path.stem for path in (SOURCE / "src/trust/verify/golden").glob("*.json"))
    assert len(names) > 12, names
    for name in names:
        verdict = golden(name)
        assert show(page, verdict) == verdict["state"], (name, shown(page), page.evaluate("document.body.innerText")[:600])
        assert "not believed" not in page.evaluate("document.getElementById('verdict-reason').textContent"), name
    page.close()


def worst_node_decides():
    page = opened()
    for first, second, state in (("verified", "debug", "not_verified"), ("incomplete", "verified", "incomplete"),
                                 ("verified", "simulated", "simulated"), ("amber-excused", "verified", "verified_with_notes")):
        assert show(page, golden(first), golden(second)) == state, (first, second, shown(page))
    assert show(page) == "incomplete", "no node at all"
    page.close()


def who_can_read():
    """The path follows the nodes that may be asked; of what contradicts itself nothing is claimed."""
    def path(*verdicts):
        show(page, *verdicts)
        return page.evaluate("document.getElementById('card-path').innerText")

    page = opened()
    one = path(golden("verified"), golden("debug"))
    assert "1 of 2 nodes may be asked" in one and "They can open it" in one, one
    assert "whoever runs the machine of the node can read" in path(golden("verified"), golden("simulated"))
    none = path(golden("debug"), golden("incomplete"))
    assert "nothing is sent" in none and none.count("Gets nothing") == 2, none
    forged = path({**golden("debug"), "state": "verified"})
    assert "cannot be told" in forged and "They can open it" not in forged, forged
    for assumed, words in (("together", "They can tell that you have asked"), ("broken", "Whoever broke in reads")):
        path(golden("verified"))
        page.evaluate(f"document.getElementById('assumed-{assumed}').click()")
        assert words in page.evaluate("document.getElementById('card-path').innerText"), assumed
    page.close()


def forgeries():
    """name -> a verdict that no verifier makes."""
    good, bad, partial, sham = (golden(name) for name in ("verified", "debug", "incomplete", "simulated"))

    def changed(verdict, **members):
        return {**copy.deepcopy(verdict), **members}

    def with_check(verdict, wanted, **members):
        out = copy.deepcopy(verdict)
        for check in out["checks"]:
            if check["id"] == wanted:
                check.update(members)
        return out

    yield "a failed check under verified", changed(bad, state="verified", first_problem=None, valid_until=good["valid_until"])
    yield "a failed check under verified, named", changed(bad, state="verified", valid_until=good["valid_until"])
    yield "a check that did not run under verified", changed(partial, state="verified", first_problem=None,
                                                             valid_until=good["valid_until"])
    yield "simulated under verified", changed(sham, state="verified")
    yield "simulated under verified with notes", changed(sham, state="verified_with_notes")
    yield "a simulated root that passes", with_check(changed(sham, state="verified"), "root.trust", outcome="pass")
    yield "only notes under verified", changed(golden("amber-excused"), state="verified")
    yield "no checks", changed(good, checks=[])
    yield "one good check", changed(good, checks=good["checks"][:1])
    yield "the same check many times", changed(good, checks=[good["checks"][0]] * len(good["checks"]))
    yield "checks in another order", changed(good, checks=good["checks"][::-1])
    yield "a check more", changed(good, checks=[*good["checks"], {**good["checks"][0], "id": "extra.check"}])
    yield "another paragraph", with_check(good, "tdx.tcb", paragraph="none")
    yield "no end", changed(good, valid_until=None)
    yield "an end before its beginning", changed(good, valid_until="2026-11-25T06:00:00Z")
    yield "judged in the future", changed(good, at="2026-11-25T09:00:00Z", valid_until="2026-11-25T09:05:00Z")
    yield "about nothing", changed(good, claims=None)
    yield "about a gateway", changed(good, claims={**good["claims"], "role": "gateway"})
    yield "a first problem that is none", changed(good, first_problem="tdx.tcb")
    yield "an age that is not its own", with_check(good, "tdx.tcb", age=1)
    yield "another schema", changed(good, schema="openpcc-verdict-2")
    yield "a state that nobody knows", changed(good, state="verified_by_us")
    yield "a state in capitals", changed(good, state="VERIFIED")
    yield "an outcome that nobody knows", with_check(good, "tdx.tcb", outcome="ok")
    yield "a member more", changed(good, trust="full")
    for missing in good["checks"]:
        yield f"without {missing['id']}", changed(good, checks=[one for one in good["checks"] if one["id"] != missing["id"]])


def node_states(page):
    """The state of each node as the page shows it, in order."""
    return page.evaluate("[...document.querySelectorAll('#card-machine article')].map((one) => one.dataset.state)")


def about(node, verdict):
    """The verdict as one about that node's evidence."""
    own = {name: node.verdict["claims"][name] for name in ("bundle", "statement")}
    return {**verdict, "claims": verdict["claims"] and {**verdict["claims"], **own}}


def nothing_green():
    """A forged verdict turns nothing green, and is never shown as more than it is."""
    page = opened()
    forged = {}
    for number, (name, verdict) in enumerate(forgeries(), 1):
        node = forged[name] = Node(golden("verified"), number)
        node.verdict = about(node, verdict)
    texts = {"nothing": lambda _: "", "no JSON": lambda _: "verified", "a list": lambda _: "[]", "null": lambda _: "null",
             "a text": lambda _: '"verified"', "markup": lambda _: "<b>verified</b>",
             "two members of one name": lambda good: good.replace('"state":', '"state":"not_verified","state":', 1),
             "another spelling": lambda good: good.replace(":", ": ", 1), "something behind": lambda good: good + "\n"}
    for name, text in texts.items():
        node = forged[name] = Node(golden("verified"), len(forged) + 1)
        node.verdict = text(node.text())
    for name in ("other evidence", "no evidence", "another node"):
        forged[name] = Node(golden("verified"), len(forged) + 1)
    forged["other evidence"].bundle += b"."
    forged["no evidence"].bundle = b""
    forged["another node"].statement = "77" * 32
    # Alone, as the whole page's state, and beside each other, as the state of a node.
    for name in list(forged)[:25] + list(forged)[-12:]:
        state = show(page, forged[name])
        assert state in ("not_verified", "incomplete", "simulated") and not greens(page), (name, state, greens(page)[:3])
    show(page, *forged.values())
    states = node_states(page)
    assert len(states) == len(forged)
    for name, state in zip(forged, states):
        assert state in ("not_verified", "incomplete"), (name, state)
    assert not greens(page), greens(page)[:3]
    say(f"   {len(forged)} forgeries, nothing green")
    page.close()


def places(value, schema):
    """Where the schema has members: paths of keys into a verdict."""
    if isinstance(value, dict):
        for name in schema["required"]:
            yield [name]
            yield from ([name, *rest] for rest in places(value[name], schema["properties"][name]))
    elif isinstance(value, list) and schema.get("items", {}).get("type") == "object":
        yield from ([0, *rest] for rest in places(value[0], schema["items"]))


def amiss(node, path, how):
    """The node's verdict with one member missing, of another kind, or renamed."""
    place = node.verdict
    for step in path[:-1]:
        place = place[step]
    value = place.pop(path[-1])
    if how == "other kind":
        place[path[-1]] = {"of": "another kind"}
    if how == "renamed":
        place[path[-1] + "_"] = value
    return node


def each_field():
    """Each member of the schema that is missing, of another kind, or renamed lowers every state."""
    schema = json.loads((SOURCE / "docs/reference/verdict.schema.json").read_text())
    page = opened()
    count = 0
    for state, name in OF_STATE.items():
        paths = list(places(golden(name), schema))
        assert len(paths) == 27, len(paths)
        for how in ("missing", "other kind", "renamed"):
            # A node for each member; and one member alone, as the state of the whole page.
            nodes = [amiss(Node(golden(name), number), path, how) for number, path in enumerate(paths, 1)]
            whole = show(page, *nodes)
            for path, found in zip(paths, node_states(page), strict=True):
                assert LOWEST.index(found) < LOWEST.index(state) or found == state == "not_verified", (state, path, how, found)
            alone = show(page, nodes[count % len(nodes)])
            assert whole == alone == "not_verified" and not greens(page), (state, how, whole, alone)
            count += len(nodes)
    say(f"   {count} verdicts with one member amiss, each lower")
    page.close()


def each_field_of_the_state():
    """What the proxy says of itself is read as strictly: a member that is missing leaves nothing checked."""
    page = opened()
    assert show(page, golden("verified"), requests=[request(1)]) == "verified"
    whole = service.state()
    paths = [[name] for name in whole] + [["policy", name] for name in whole["policy"]]
    paths += [["judging", name] for name in whole["judging"]] + [["requests", 0, name] for name in whole["requests"][0]]
    for path in paths:
        assert show(page, golden("verified"), requests=[request(1)]) == "verified"
        state = service.state()
        place = state
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        service.changed["/verify/state"] = json.dumps(state, separators=(",", ":"))
        page.evaluate("document.getElementById('check').click()")
        page.until("document.getElementById('verdict').dataset.state === 'not_checked'", f"nothing is shown without {path}")
        assert not greens(page) and page.evaluate("document.getElementById('cards').hidden")
        assert "cannot be read" in page.evaluate("document.getElementById('trouble').textContent")
    page.close()


def time_passes():
    """A verdict ends by itself, on a page that nobody touches."""
    service.show(golden("verified"))
    page = opened()
    assert shown(page) == "verified"
    assert "holds for" in page.evaluate("document.getElementById('verdict-age').textContent")
    page.evaluate("testMoveClock(6 * 60 * 1000)")
    page.until("document.getElementById('verdict').dataset.state === 'incomplete'", "the verdict is too old")
    assert not greens(page) and "too old" in page.evaluate("document.getElementById('verdict-reason').textContent")
    page.close()


def the_key():
    """It is asked for, taken from the address, kept nowhere, and shown to nobody but the proxy."""
    service.show(golden("verified"))
    page = browser.page(JUDGED_AT + 12)
    service.asked.clear()
    page.open(f"{service.url}/verify")
    page.until("!document.getElementById('key-form').hidden", "the key is asked for")
    assert shown(page) == "not_checked" and not greens(page)
    assert {path for _, path, _ in service.asked} <= {"/verify", "/verify/page.js", "/verify/style.css", "/verify/icon.svg"}
    page.evaluate("document.getElementById('key').focus()")
    page.type("openpcc-" + "B" * 43)
    page.press("Enter")
    page.until("!document.getElementById('trouble').hidden", "another key is refused")
    assert "not the key" in page.evaluate("document.getElementById('trouble').textContent") and shown(page) == "not_checked"
    page.until("document.activeElement.id === 'key'", "the field has the focus")
    page.type(KEY)
    page.press("Enter")
    page.until("document.getElementById('verdict').dataset.state === 'verified'", "the right key is taken")
    assert page.evaluate("document.getElementById('key').value") == ""
    page.close()
    page = opened()
    held = page.evaluate("""[location.href, document.documentElement.outerHTML, JSON.stringify(localStorage),
      JSON.stringify(sessionStorage), document.cookie, document.referrer, JSON.stringify(history.state)].join('\\n')""")
    assert "A" * 43 not in held and page.evaluate("location.hash") == ""
    entries = page.call("Page.getNavigationHistory")["entries"]
    assert not any("A" * 43 in entry["url"] for entry in entries), entries
    page.close()


def nobody_else_is_asked():
    """No request but to the proxy's own page, and nothing that the page's policy would have to stop."""
    service.show(golden("verified"), golden("debug"), requests=[request(1, "01" * 32), request(2)])
    page = opened()
    page.evaluate("[...document.querySelectorAll('details')].forEach((one) => { one.open = true; })")
    page.evaluate("[...document.querySelectorAll('#card-path input')].forEach((one) => one.click())")
    show(page, golden("simulated"))
    asked = page.requests()
    assert len(asked) > 6 and all(url.startswith(f"{service.url}/verify") for url in asked), asked
    assert not page.complaints(), page.complaints()
    # Something that is not the page's is stopped, and that is seen: the record above is no accident.
    page.evaluate("fetch('https://example.org/').catch(() => {})")
    page.evaluate("""(() => { const one = document.createElement('script'); 
      try { one.textContent = 'globalThis.ran = true'; document.head.append(one); } catch {} })()""")
    page.until("testViolations.length >= 2", "the policy stops what is foreign")
    assert page.evaluate("globalThis.ran") is None
    page.close()


def the_proxy_goes_away():
    """What cannot be known is shown as not checked."""
    service.show(golden("verified"))
    page = opened()
    assert shown(page) == "verified"
    page.call("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    page.until("document.getElementById('verdict').dataset.state === 'not_checked'", "nothing is known of a proxy that is gone")
    assert not greens(page) and "does not answer" in page.evaluate("document.getElementById('trouble').textContent")
    page.call("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    page.until("document.getElementById('verdict').dataset.state === 'verified'", "it is back")
    assert page.evaluate("document.getElementById('trouble').hidden")
    page.close()


def markup_is_text():
    """Whatever stands in evidence is shown as it is."""
    verdict = golden("verified")
    verdict["claims"]["release"] = "<img src=x onerror=alert(1)><b>x</b>"
    page = opened()
    show(page, verdict)
    assert "<img src=x" in page.evaluate("document.getElementById('card-code').innerText")
    assert page.evaluate("document.querySelectorAll('main img, main b').length") == 0 and not page.complaints()
    page.close()


def screenshots(folder):
    """The five states, as they stand in the documentation."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    page = opened()
    page.size(1000, 900)
    for state, name in OF_STATE.items():
        show(page, golden(name))
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        height = page.evaluate("Math.ceil(document.getElementById('card-path').getBoundingClientRect().bottom + 16)")
        content = page.screenshot(folder / f"verify-{state.replace('_', '-')}.png",
                                  {"x": 0, "y": 0, "width": 1000, "height": height, "scale": 1})
        say(f"   {state}: {len(content)} bytes")
        assert len(content) < 150_000
    page.close()


def scenario():
    global browser, service
    with Service() as service, Browser() as browser:
        service.show(golden("verified"))
        if sys.argv[1:2] == ["--screenshots"]:
            return screenshots(sys.argv[2])
        run(five_states, every_verdict_of_the_verifier_is_read, worst_node_decides, who_can_read, nothing_green, each_field,
            each_field_of_the_state, time_passes, the_key, nobody_else_is_asked, the_proxy_goes_away, markup_is_text)


main(scenario)
