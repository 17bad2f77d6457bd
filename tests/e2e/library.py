# SPDX-License-Identifier: Apache-2.0
"""library.py c|python: libopenpcc as programs use it: the same verdicts as the command line's byte for byte, answers whole or an
error, cancelled answers that stop the engine, many at once."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

from processes import Slow
from scenario import Skip, main, run, say, until
from stage import PROGRAMS, SOURCE, Stage
from tap import Tap
from wire import free_port

LIBRARY = pathlib.Path(os.environ.get("OPENPCC_LIBRARY", PROGRAMS.parent / "lib/libopenpcc.so.0")).resolve()
TESTS = PROGRAMS.parent / "test"
CHAT = "/v1/chat/completions"
ANSWER = "The capital of Japan is Tokyo."
CORPUS_TIME = 1764054000  # of the bundles in fuzz/corpus


def body(prompt="Capital of Japan?", **members):
    return {"model": "demo", "messages": [{"role": "user", "content": prompt}], **members}


def words(events):
    """The text of a streamed answer that came whole."""
    found = [line[6:] for line in events.splitlines() if line.startswith("data: ")]
    assert found[-1] == "[DONE]", found[-3:]
    return "".join(choice["delta"].get("content") or "" for one in found[:-1] for choice in json.loads(one)["choices"])


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def saved():
    """(bundle, challenge file, challenge, sent) of each node, as the command line saves them."""
    folder = system.path("saved")
    if not folder.exists():
        assert system.openpcc("verify", "--config", system.path("client.toml"), "--save", folder).returncode == 7
    out = []
    for bundle in sorted(folder.glob("*.bundle")):
        challenge, sent = bundle.with_suffix(".bundle.challenge").read_text().split()
        raw = bundle.with_suffix(".raw")
        raw.write_bytes(bytes.fromhex(challenge))
        out.append((bundle, raw, challenge, int(time.mktime(time.strptime(sent + "UTC", "%Y-%m-%dT%H:%M:%SZ%Z")) - time.timezone)))
    return out


def cases():
    """What each way of judging must say the same of: (bundle, policy, collateral, roots, at, challenge or None)."""
    policy, collateral, roots = (system.path(name) for name in ("policy.json", "collateral.json", "root.pem"))
    system.path("other.json").write_text(json.dumps({**system.policy, "models": ["00" * 32]}))
    torn = system.path("torn")
    for bundle, raw, challenge, sent in saved():
        asked = (raw, challenge, sent)
        yield bundle, policy, collateral, roots, sent, asked
        yield bundle, policy, None, roots, sent + 30, asked
        yield bundle, policy, collateral, None, sent, asked
        yield bundle, system.path("other.json"), collateral, roots, sent, asked
        yield bundle, policy, collateral, roots, sent + 40 * 86400, asked
        for name, content in (("cut", bundle.read_bytes()[:-1]), ("changed", bundle.read_bytes()[:700] + b"\0" + bundle.read_bytes()[701:])):
            other = torn.with_name(f"{name}-{bundle.name[:8]}")
            other.write_bytes(content)
            yield other, policy, collateral, roots, sent, asked
            yield other, policy, collateral, roots, sent, None
    for bundle in sorted((SOURCE / "fuzz/corpus/bundle").iterdir()):
        yield bundle, policy, None, None, CORPUS_TIME, None


def by_command_line(bundle, policy, collateral, roots, when, asked):
    said = system.openpcc("verify", bundle, "--policy", policy, *(["--collateral", collateral] if collateral else []),
                          *(["--simulated-roots", roots] if roots else []), "--at", at(when),
                          *(["--challenge", asked[1], "--sent", at(asked[2])] if asked else []), "--json")
    return said.returncode, said.stdout


def verdicts_in_c():
    states = {}
    for bundle, policy, collateral, roots, when, asked in cases():
        said = subprocess.run([TESTS / "libopenpcc_judge", bundle, policy, collateral or "-", roots or "-", str(when),
                               *((asked[0], str(asked[2])) if asked else ())], capture_output=True, text=True, check=False)
        assert (said.returncode, said.stdout) == by_command_line(bundle, policy, collateral, roots, when, asked), (bundle, said)
        assert said.stdout.startswith('{"schema":"openpcc-verdict-1"') and not said.stderr, said
        states[said.returncode] = states.get(said.returncode, 0) + 1
    say(f"   verdicts by exit code: {states}")
    assert states[7] and states[2] > 5 and sum(states.values()) >= 25, states


def verdicts_in_python():
    states = {}
    for bundle, policy, collateral, roots, when, asked in cases():
        options = {"policy": policy.read_bytes(), "collateral": collateral.read_bytes() if collateral else b"", "at": when,
                   "simulated_roots": roots.read_bytes() if roots else b"",
                   **({"challenge": bytes.fromhex(asked[1]), "sent": asked[2]} if asked else {})}
        verdict = openpcc.judge(bundle.read_bytes(), **options)
        assert (verdict.status, verdict.json + "\n") == by_command_line(bundle, policy, collateral, roots, when, asked), bundle
        states[verdict.state] = states.get(verdict.state, 0) + 1
        assert not verdict.verified
        try:
            openpcc.verify(bundle.read_bytes(), **options)
        except openpcc.Error as error:
            assert error.verdict == verdict and type(error) is {2: openpcc.NotVerified, 3: openpcc.Incomplete, 7: openpcc.Simulated}[
                verdict.status], error
        else:
            raise AssertionError("what is not verified raises")
    say(f"   verdicts: {states}")
    bundle, _, challenge, sent = saved()[0]
    named = {"policy": system.path("policy.json").read_bytes(), "collateral": system.path("collateral.json").read_bytes(),
             "simulated_roots": system.path("root.pem").read_bytes(), "challenge": bytes.fromhex(challenge), "sent": sent, "at": sent}
    assert openpcc.judge(bundle.read_bytes(), statement=bundle.stem, **named).state == "simulated"
    assert openpcc.judge(bundle.read_bytes(), statement="00" * 32, **named).details["first_problem"] == "directory.statement"
    # Signed policies: by enough of those who are named, or not at all.
    ann = system.admin("key", "make", "--out", system.path("ann.pem"))
    bob = system.admin("key", "make", "--out", system.path("bob.pem"))
    system.admin("policy", "sign", system.path("policy.json"), "--key", system.path("ann.pem"), "--out", system.path("ann.dsse"))
    named["policy"] = system.path("ann.dsse").read_bytes()
    assert openpcc.judge(bundle.read_bytes(), policy_signers=[ann], **named).state == "simulated"
    assert openpcc.judge(bundle.read_bytes(), policy_signers=[ann, bob], policy_threshold=1, **named).state == "simulated"
    expect(openpcc.NotVerified, "envelope.under_signed", openpcc.judge, bundle.read_bytes(), policy_signers=[ann, bob], **named)
    expect(openpcc.Usage, "policy.bad_policy", openpcc.judge, bundle.read_bytes(), **named)
    expect(openpcc.Usage, "envelope.bad_signer", openpcc.judge, bundle.read_bytes(), policy_signers=["openpcc-signer:x"], **named)


def expect(kind, name, call, *arguments, **options):
    try:
        found = call(*arguments, **options)
    except openpcc.Error as error:
        assert type(error) is kind and error.name == name, (type(error), error.name, error.text)
        return error
    raise AssertionError(f"no error, but {found!r}")


def live_verdicts():
    """What a session shows can be judged again by the command line: the same bytes."""
    with openpcc.Session(config=system.path("client.toml")) as session:
        verdicts = session.verdicts(timeout=30)
        assert [verdict.state for verdict in verdicts] == ["simulated"] * 2, verdicts
        again = session.verdicts()
        assert again[0].challenge != verdicts[0].challenge, "each call challenges anew"
    first = verdicts[0]  # the second was judged beside the first one's platform
    path = system.path(f"{first.statement}.bundle")
    path.write_bytes(first.bundle)
    said = by_command_line(path, system.path("policy.json"), system.path("collateral.json"), system.path("root.pem"), first.sent,
                           (None, first.challenge.hex(), first.sent))
    if first.details["at"] != at(first.sent):  # judged a second after it was sent
        said = by_command_line(path, system.path("policy.json"), system.path("collateral.json"), system.path("root.pem"), first.sent + 1,
                               (None, first.challenge.hex(), first.sent))
    assert said == (7, first.json + "\n"), said


def answers():
    with openpcc.Session(config=system.path("client.toml")) as session:
        answer = session.ask(CHAT, body(), timeout=30)
        assert answer.status == 200 and answer.json()["choices"][0]["message"]["content"].startswith(ANSWER)
        assert len(answer.answered_by) == 64
        pieces = list(session.ask(CHAT, body(stream=True)))
        assert words(b"".join(pieces).decode()).startswith(ANSWER) and len(pieces) > 1, pieces
        assert [model["id"] for model in session.ask("/v1/models").json()["data"]] == ["demo"]
        expect(openpcc.Refused, "openai.unsupported_field", session.ask, CHAT, body(logit_bias={}))
        expect(openpcc.Refused, "openai.unknown_path", session.ask, "/v1/files", body())
        expect(openpcc.Refused, "openai.unknown_path", session.ask, CHAT)
        expect(openpcc.Refused, "openai.bad_request", session.ask, CHAT, "no JSON")
        expect(openpcc.Refused, "openai.too_large", session.ask, CHAT, body("x" * (3 << 20)))
        refused = session.ask(CHAT, {**body(), "model": "no-such-model"})
        assert refused.status == 404, refused.status
        expect(openpcc.Refused, "chat.refused_by_node", refused.read)
        kept = session.ask(CHAT, body(stream=True))
    expect(openpcc.Cancelled, "net.cancelled", kept.read)
    expect(openpcc.Cancelled, "net.cancelled", session.ask, CHAT, body())


def many_at_once():
    with openpcc.Session(config=system.path("client.toml")) as session, concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: session.ask(CHAT, body(stream=number % 2 == 0)).read(), range(48)))
    texts = {words(content.decode()) if number % 2 == 0 else json.loads(content)["choices"][0]["message"]["content"]
             for number, content in enumerate(found)}
    assert len(texts) == 1 and texts.pop().startswith(ANSWER), texts


def no_engine_works():
    return not any(system.status(number)["in_flight"] for number in (1, 2))


def cancelling_stops_the_engine():
    for stop in (openpcc.Answer.cancel, openpcc.Answer.close):
        with openpcc.Session(config=system.path("client.toml")) as session:
            answer = session.ask(CHAT, body("Tell me a story.", stream=True))
            assert next(iter(answer))
            slow = [Slow(system.engine(number)) for number in (1, 2)]
            assert not no_engine_works()
            late = threading.Timer(0.2, stop, [answer])
            late.start()
            expect(openpcc.Cancelled, "net.cancelled", answer.read)
            for one in slow:
                one.end()
            late.join()
            until(no_engine_works, 5, "no engine works")


def a_slow_reader_gets_it_all():
    """What is not read waits, and the answer comes whole all the same."""
    with openpcc.Session(config=system.path("client.toml")) as session:
        answer = session.ask(CHAT, body("Tell me a story.", stream=True))
        pieces = iter(answer)
        first = next(pieces)
        time.sleep(1)
        content = first + b"".join(pieces)
        assert content.endswith(b"data: [DONE]\n\n") and len(content) > 20000, len(content)


def a_cut_answer_is_an_error():
    with Tap(system.relay.address) as tap:
        system.write_client_config("cut", relay=tap.url)
        with openpcc.Session(config=system.path("cut.toml")) as session:
            session.verdicts()
            tap.cut = lambda _: 4000
            answer = session.ask(CHAT, body("Tell me a story.", stream=True))
            got = b""
            try:
                for piece in answer:
                    got += piece
            except openpcc.Truncated as error:
                assert error.name == "client.truncated" and error.hint, error
            else:
                raise AssertionError("a cut answer passed for a whole one")
            assert got and b"[DONE]" not in got and not answer.answered_by, got[-200:]


def what_is_wrong_has_a_name():
    system.write_client_config("strict", policy="other.json")
    with openpcc.Session(config=system.path("strict.toml")) as session:
        error = expect(openpcc.NotVerified, "client.not_verified", session.ask(CHAT, body()).read)
        assert "openpcc verify" in error.hint
        assert [verdict.state for verdict in session.verdicts()] == ["not_verified"] * 2
    system.write_client_config("nobody", relay=f"http://127.0.0.1:{free_port()}")
    with openpcc.Session(config=system.path("nobody.toml")) as session:
        expect(openpcc.Unreachable, "net.unreachable", session.ask(CHAT, body()).read)
        expect(openpcc.Unreachable, "net.unreachable", session.verdicts)
    expect(openpcc.Usage, "config.bad_file", openpcc.Session, config="/nonexistent")
    expect(openpcc.Usage, "profiles.unknown", openpcc.Session, service="nobody")
    expect(openpcc.Usage, "profiles.unknown", openpcc.Session)
    expect(openpcc.Usage, "library.bad_argument", openpcc.Session, config="a\0b")
    missing = subprocess.run([sys.executable, "-c", "import openpcc; openpcc.version()"], capture_output=True, text=True, check=False,
                             env={**os.environ, "OPENPCC_LIBRARY": "/nonexistent.so", "PYTHONPATH": str(SOURCE / "python")})
    assert "LibraryMissing" in missing.stderr and "name its file in OPENPCC_LIBRARY" in missing.stderr, missing.stderr


def example(*command):
    said = subprocess.run([*command, system.path("client.toml"), "Capital of Japan?"], capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(SOURCE / "python"), "OPENPCC_LIBRARY": str(LIBRARY)})
    assert said.returncode == 0 and "answered by " in said.stdout and not said.stderr, said
    wrong = subprocess.run([*command, "/nonexistent", "x"], capture_output=True, text=True, check=False,
                           env={**os.environ, "PYTHONPATH": str(SOURCE / "python"), "OPENPCC_LIBRARY": str(LIBRARY)})
    assert wrong.returncode == 1 and "config.bad_file" in wrong.stderr, wrong
    return said.stdout


def the_example_in_c():
    assert words(example(TESTS / "example_ask").rpartition("answered by ")[0]).startswith(ANSWER)


def the_example_in_python():
    assert ANSWER in example(sys.executable, "-B", SOURCE / "examples/ask.py")


def streams_in_c():
    said = subprocess.run([TESTS / "libopenpcc_streams", system.path("client.toml")], capture_output=True, text=True, check=False, timeout=120)
    assert said.returncode == 0 and not said.stderr, (said.returncode, said.stderr[-3000:])
    until(no_engine_works, 5, "no engine works")


def scenario():
    global system, openpcc
    if sys.argv[1] == "python":
        if b"__sanitizer" in subprocess.run(["nm", "-D", LIBRARY], capture_output=True, check=True).stdout:
            raise Skip("Python loads no library with sanitizers")
        os.environ["OPENPCC_LIBRARY"] = str(LIBRARY)
        sys.path.insert(0, str(SOURCE / "python"))
        import openpcc as found
        openpcc = found
    with Stage() as system:
        if sys.argv[1] == "c":
            run(verdicts_in_c, streams_in_c, the_example_in_c)
        else:
            run(verdicts_in_python, live_verdicts, answers, many_at_once, cancelling_stops_the_engine, a_slow_reader_gets_it_all,
                a_cut_answer_is_an_error, what_is_wrong_has_a_name, the_example_in_python)


main(scenario)
