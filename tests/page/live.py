# SPDX-License-Identifier: Apache-2.0
"""The verification page of the real proxy in front of a live simulated service, in headless Chromium."""

import contextlib
import json
import pathlib
import re
import socket
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import http.client  # noqa: E402

from browser import Browser  # noqa: E402
from processes import Role  # noqa: E402
from scenario import main, run, until  # noqa: E402
from stage import PROGRAMS, Stage  # noqa: E402


def start(config="client"):
    return Role(config, [PROGRAMS / "openpcc", "proxy", "--config", system.path(config + ".toml"), "--listen", "http://127.0.0.1:0",
                         "--key-file", system.path("proxy.key")], system.path(f"proxy-{config}.log"))


def get(path, port=None, **fields):
    """(status, headers, content) of a GET with the key."""
    connection = http.client.HTTPConnection("127.0.0.1", port or proxy.port, timeout=30)
    connection.request("GET", path, headers={"authorization": f"Bearer {key}", **fields})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def ask():
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=60)
    body = json.dumps({"model": "demo", "messages": [{"role": "user", "content": "Capital of Japan? zebra-canary"}]})
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json", "authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    assert answer.status == 200 and json.loads(answer.read())["choices"]
    connection.close()


def opened(role=None):
    page = browser.page()
    page.open(f"{(role or proxy).url}/verify#key={key}")
    return page


def shown(page, state, what):
    page.until(f"document.getElementById('verdict').dataset.state === '{state}'", what)


def cards(page):
    return {name: page.evaluate(f"document.getElementById('card-{name}').innerText")
            for name in ("path", "machine", "code", "requests")}


def a_live_service():
    """The page judges by itself when it is opened, says simulated, and shows the four cards."""
    page = opened()
    shown(page, "simulated", "a simulated service is simulated")
    text = cards(page)
    assert "whoever runs the machine of the node can read every prompt" in text["path"], text["path"]
    assert "Intel TDX" in text["machine"] and "Node 2" in text["machine"] and "Simulated SGX Root CA" in text["machine"]
    assert "openpcc-e2e-1" in text["code"] and system.policy["models"][0] in text["code"]
    assert "No request has come" in text["requests"]
    ask()
    page.until("document.querySelectorAll('#card-requests tbody tr').length === 1", "the request is listed")
    line = page.evaluate("document.querySelector('#card-requests tbody tr').innerText")
    assert re.search(r"/v1/chat/completions\s+200\s+node [12] Simulated", line), line
    assert "canary" not in page.evaluate("document.documentElement.outerHTML")
    assert not page.complaints(), page.complaints()
    assert all(url.startswith(f"{proxy.url}/verify") for url in page.requests()), page.requests()
    page.close()


def check_again():
    """It judges under a new challenge."""
    page = opened()
    shown(page, "simulated", "the page is there")
    challenge = ("[...document.querySelectorAll('dt')].find((one) => one.textContent === 'Answered to our challenge')"
                 ".nextSibling.textContent")
    first = page.evaluate(challenge)
    page.evaluate("document.getElementById('check').click()")
    page.until(f"{challenge} !== {json.dumps(first)}", "there is another challenge")
    shown(page, "simulated", "and the verdict is the same")
    page.close()


def the_same_bytes_as_the_command_line():
    """Evidence saved from the page, judged by `openpcc verify --json` as of the same time: byte for byte the page's verdict."""
    state = json.loads(get("/verify/state")[2])
    folder = system.path("saved")
    folder.mkdir(exist_ok=True)
    for index, statement in enumerate(state["judging"]["nodes"]):
        where = f"/verify/judgings/{state['judging']['number']}/nodes/{index}"
        bundle = folder / f"{statement}.bundle"
        bundle.write_bytes(get(where + "/bundle")[2])
        pathlib.Path(f"{bundle}.challenge").write_bytes(get(where + "/challenge")[2])
        verdict = get(where)[2]
        said = system.openpcc("verify", bundle, "--policy", system.path("policy.json"),
                              "--simulated-roots", system.path("root.pem"), "--collateral", system.path("collateral.json"), "--at", json.loads(verdict)["at"], "--json")
        assert said.returncode == 7 and said.stdout == verdict.decode() + "\n", said


def who_gets_in():
    """The page's files need our name, what was judged the key as well."""
    for path in ("/verify", "/verify/page.js", "/verify/style.css", "/verify/icon.svg"):
        status, headers, _ = get(path, authorization="")
        assert status == 200 and "default-src 'none'" in headers["content-security-policy"], (path, status)
        assert get(path, host="evil.example")[0] == 403 and get(path, origin="https://evil.example")[0] == 403
    for path in ("/verify/state", "/verify/checks", "/verify/judgings/1/nodes/0"):
        assert get(path, authorization="Bearer sk-other")[0] == 401, path
        assert get(path, host="evil.example")[0] == 403, path
    # No frame of another page's shows it, and no other page reads it.
    page = browser.page()
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    with server.accept()[0] as stream:
                        stream.recv(65536)
                        body = f"<iframe src='{proxy.url}/verify'></iframe>".encode()
                        stream.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n"
                                       b"content-length: %d\r\n\r\n%s" % (len(body), body))
        threading.Thread(target=serve, daemon=True).start()
        page.open(f"http://127.0.0.1:{server.getsockname()[1]}/")
        until(lambda: any("frame-ancestors" in json.dumps(event) for event in page.events), 10, "the frame is refused")
        read = page.evaluate(f"fetch('{proxy.url}/verify').then(() => 'read', () => 'refused')")
        assert read == "refused", read
        server.shutdown(socket.SHUT_RDWR)
    page.close()


def a_node_that_is_not_good_enough():
    """Another policy: not verified, with the check that says why, and what to do."""
    role = start("elsewhere")
    try:
        page = opened(role)
        shown(page, "not_verified", "a model that the policy does not name is not verified")
        text = cards(page)
        assert "policy.model" in text["machine"] and "To do" in text["machine"]
        assert "nothing is sent" in text["path"] and "Gets nothing" in text["path"], text["path"]
        page.close()
    finally:
        role.end()


def a_service_that_is_gone():
    """It could not be checked: that is said, and nothing is shown as checked."""
    role = start("away")
    try:
        page = opened(role)
        page.until("!document.getElementById('trouble').hidden", "it is said")
        assert page.evaluate("document.getElementById('verdict').dataset.state") == "not_checked"
        page.close()
    finally:
        role.end()


def scenario():
    global system, proxy, key, browser
    with Browser() as browser, Stage() as system, contextlib.ExitStack() as stack:
        system.path("wrong.json").write_text(json.dumps({**system.policy, "models": ["00" * 32]}))
        system.write_client_config("elsewhere", policy="wrong.json")
        system.write_client_config("away", relay="http://127.0.0.1:9")
        proxy = start()
        stack.callback(proxy.end)
        key = system.path("proxy.key").read_text().strip()
        run(a_live_service, check_again, the_same_bytes_as_the_command_line, who_gets_in, a_node_that_is_not_good_enough,
            a_service_that_is_gone)


main(scenario)
