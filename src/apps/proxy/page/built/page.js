/*! SPDX-License-Identifier: Apache-2.0 */
function element(name, attributes, ...children) {
  const out = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) out.setAttribute(key, value);
  out.append(...children.filter((child) => child !== null));
  return out;
}
function byId(id) {
  const found2 = document.getElementById(id);
  if (found2 === null) throw new Error(`the page has no #${id}`);
  return found2;
}
function facts(...rows) {
  const out = element("dl", { class: "facts" });
  for (const [name, value] of rows)
    if (value !== null) out.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  return out;
}
function digest(value) {
  return element("code", { class: "digest" }, value);
}
const STATE_NAMES = {
  verified: "Verified",
  verified_with_notes: "Verified with notes",
  not_verified: "Not verified",
  incomplete: "Incomplete",
  simulated: "Simulated",
  not_checked: "Not checked"
};
function badge(state) {
  return element("span", { class: "badge", "data-state": state }, STATE_NAMES[state]);
}
function utc(time2) {
  return time2.toISOString().replace(".000", "").replace("T", " ").replace("Z", " UTC");
}
function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1e3));
  const parts = [
    [Math.floor(seconds / 86400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first < 0) return "0 s";
  return parts.slice(first, first + 2).filter(([number]) => number > 0).map(([number, unit]) => `${number} ${unit}`).join(" ");
}
function bytes(size) {
  return size < 1e4 ? `${size} B` : `${(size / 1e3).toFixed(1)} kB`;
}
const OUTCOME_NAMES = { pass: "Passed", note: "Note", fail: "Failed", not_run: "Did not run" };
const NOT_REACHED = "not reached: an earlier check failed";
function explained(known2, id) {
  return [...known2.tdx, ...known2.snp].find((one) => one.id === id);
}
function found(node, id) {
  const check2 = node.judged.verdict?.checks.find((one) => one.id === id);
  return check2 === void 0 ? null : `${check2.found} (${OUTCOME_NAMES[check2.outcome].toLowerCase()})`;
}
function checkItem(check2, known2) {
  const about = explained(known2, check2.id);
  const bad = check2.outcome === "fail" || check2.outcome === "not_run";
  return element(
    "li",
    { "data-outcome": check2.outcome },
    element("p", {}, element("strong", {}, OUTCOME_NAMES[check2.outcome]), " ", element("code", {}, check2.id)),
    facts(
      ["Means", about?.meaning ?? null],
      ["Expected", check2.expected],
      ["Found", check2.found],
      ["Signed by", check2.signer],
      ["Signed", check2.issued && check2.age !== null ? `${utc(check2.issued)}, ${span(check2.age * 1e3)} before` : null],
      ["Holds until", check2.valid_until && utc(check2.valid_until)],
      ["By", check2.paragraph],
      ["To do", bad ? about?.remedy ?? null : null]
    )
  );
}
function save(id, name, content, type, label) {
  const button = element("button", { type: "button", class: "quiet", id }, label);
  button.addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    element("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1e4);
  });
  return button;
}
function saving(evidence, node) {
  const { statement, verdict, bundle, asked } = evidence;
  const name = `${statement}.bundle`;
  const out = element(
    "p",
    { class: "row", role: "group", "aria-label": "Save" },
    save(`${node}-save-verdict`, `${statement}.json`, verdict, "application/json", "Save the verdict")
  );
  if (bundle.length > 0)
    out.append(
      save(`${node}-save-bundle`, name, bundle, "application/octet-stream", "Save the evidence"),
      save(`${node}-save-challenge`, `${name}.challenge`, asked, "text/plain", "Save what was asked")
    );
  return out;
}
function isReason(check2) {
  return check2.outcome !== "pass" && !(check2.outcome === "not_run" && check2.found === NOT_REACHED);
}
function machine(node, number, known2) {
  const { judged, evidence } = node;
  const title = `node-${number}-title`;
  const out = element(
    "article",
    { class: "node", "aria-labelledby": title, "data-state": judged.state },
    element("h3", { id: title }, `Node ${number} `, badge(judged.state)),
    element("p", { class: "reason" }, judged.reason)
  );
  const verdict = judged.verdict;
  if (verdict !== null) {
    const snp = verdict.checks.some((check2) => check2.id.startsWith("snp."));
    out.append(
      facts(
        ["Hardware", evidence.bundle.length === 0 ? "unknown: it gave no evidence" : snp ? "AMD SEV-SNP" : "Intel TDX"],
        ["Root of trust", found(node, "root.trust")],
        ["Firmware", found(node, snp ? "snp.tcb.reported" : "tdx.tcb")],
        ["Debug access", found(node, snp ? "snp.policy.debug" : "tdx.debug")],
        ["Answered to our challenge", found(node, "freshness.challenge")],
        ["Machine", found(node, "policy.hardware")],
        ["Judged", utc(verdict.at)],
        ["Holds until", verdict.valid_until && utc(verdict.valid_until)]
      )
    );
    const reasons = verdict.checks.filter(isReason);
    if (reasons.length > 0)
      out.append(
        element("h4", {}, "What did not simply pass"),
        element("ul", { class: "checks reasons" }, ...reasons.map((check2) => checkItem(check2, known2)))
      );
    out.append(
      element(
        "details",
        { id: `node-${number}-checks` },
        element("summary", { id: `node-${number}-summary` }, `All ${verdict.checks.length} checks of node ${number}`),
        element("ol", { class: "checks" }, ...verdict.checks.map((check2) => checkItem(check2, known2)))
      )
    );
  }
  out.append(saving(evidence, `node-${number}`));
  return out;
}
function drawMachines(card, nodes2, known2) {
  const open = new Set([...card.querySelectorAll("details[open]")].map((one) => one.id));
  card.replaceChildren(
    element("h2", { id: "card-machine-title" }, "Which machine?"),
    ...nodes2.length === 0 ? [element("p", {}, "No node of the service is known.")] : nodes2.map((node, index) => machine(node, index + 1, known2)),
    element(
      "p",
      { class: "small" },
      "Saved files can be judged again, without this proxy and without a network: ",
      element("code", {}, "openpcc verify FILE.bundle --policy POLICY --collateral COLLATERAL --at TIME")
    )
  );
  for (const details of card.querySelectorAll("details")) details.open = open.has(details.id);
}
function code(node, number) {
  const claims = node.judged.verdict?.claims;
  const title = `code-${number}-title`;
  const out = element(
    "article",
    { class: "node", "aria-labelledby": title },
    element("h3", { id: title }, `Node ${number}`)
  );
  if (claims === null || claims === void 0) {
    out.append(element("p", {}, "It has shown nothing that could be read."));
    return out;
  }
  if (node.judged.state === "not_verified" || node.judged.state === "incomplete")
    out.append(element("p", { class: "reason" }, "This is what the node says of itself. Nothing stands behind it."));
  const snp = node.judged.verdict?.checks.some((check2) => check2.id.startsWith("snp."));
  out.append(
    facts(
      ["Release", claims.release],
      ["Release is accepted", found(node, "statement.release")],
      ["Measured", found(node, snp ? "policy.measurement.launch" : "policy.measurement.rtmr1")],
      ["Model", digest(claims.model)],
      ["Model is accepted", found(node, "policy.model")],
      ["Engine profile", digest(claims.engine_profile)],
      ["Isolation", found(node, "policy.isolation")],
      ["Post-quantum keys", found(node, "policy.pq")],
      ["Statement", digest(claims.statement)],
      ["In force", `from ${utc(claims.not_before)} until ${utc(claims.not_after)}`]
    )
  );
  return out;
}
function drawCode(card, nodes2, policy) {
  card.replaceChildren(
    element("h2", { id: "card-code-title" }, "Which code and model?"),
    facts(["Policy", `${policy.name} (${policy.preset})`], ["Policy ends", utc(policy.expires)]),
    ...nodes2.map((node, index) => code(node, index + 1))
  );
}
const CASES = {
  honest: "Everybody does what they should",
  together: "Relay and gateway work together",
  broken: "One node is broken into"
};
function wayOf(nodes2) {
  if (nodes2.some((node) => !node.believed)) return "unknown";
  const usable = nodes2.map((node) => node.state).filter((state) => state !== "not_verified" && state !== "incomplete");
  return ["simulated", "verified_with_notes", "verified"].find((state) => usable.includes(state)) ?? "none";
}
function stops(service2, way, assumed2) {
  const open = way === "simulated";
  const closed = way === "none" ? "nothing" : way === "unknown" ? "unknown" : null;
  const both = assumed2 === "together";
  const host = closed ?? (open || assumed2 === "broken" ? "yes" : "no");
  const nothing = way === "none" ? "nothing: no node is good enough" : "unknown";
  return [
    { name: "You", place: "this computer", reads: "yes", sees: "prompt and answer", hidden: "" },
    {
      name: "Relay",
      place: service2.relay,
      reads: "no",
      sees: both ? "your address, sizes, times; from the gateway: which model and node" : "your address, sizes, times",
      hidden: both ? "prompt, answer" : "prompt, answer, model, node"
    },
    {
      name: "Gateway",
      place: "run by the service",
      reads: "no",
      sees: both ? "model, nodes, sizes, times; from the relay: your address" : "model, nodes, sizes, times",
      hidden: both ? "prompt, answer" : "prompt, answer, your address"
    },
    {
      name: "Node",
      place: open ? "no confidential hardware" : "in a confidential VM",
      reads: closed ?? "yes",
      sees: closed ? nothing : "prompt and answer, to answer you",
      hidden: "your address"
    },
    {
      name: open ? "Who runs the node" : assumed2 === "broken" ? "Who broke into the node" : "Who runs the node",
      place: "outside the VM",
      reads: host,
      sees: closed ? nothing : host === "yes" ? "prompt and answer" : "sizes, times",
      hidden: host === "yes" ? "your address" : "prompt, answer, your address"
    }
  ];
}
function consequence(service2, way, assumed2) {
  if (way === "none") return "A prompt goes to nodes that are good enough, and none is: nothing is sent.";
  if (way === "unknown") return "What the proxy says contradicts itself: who can read a prompt cannot be told.";
  if (way === "simulated")
    return "This hardware is simulated: whoever runs the machine of the node can read every prompt.";
  const sealed = `A request is sealed to ${service2.policy.candidates} nodes at most, drawn at random on this computer.`;
  switch (assumed2) {
    case "honest":
      return `${sealed} They can open it, inside their confidential VMs, and one answers. Nobody else can read it.`;
    case "together":
      return "They can tell that you have asked, which model, when and how much. The words stay sealed.";
    case "broken":
      return `Whoever broke in reads what comes to that node, and not from whom. ${sealed} The others are as before.`;
  }
}
const ANSWERS = {
  yes: "Can read it",
  no: "Cannot read it",
  nothing: "Gets nothing",
  unknown: "Cannot be told"
};
let assumed = "honest";
function drawStops(card, service2, nodes2) {
  const way = wayOf(nodes2);
  card.querySelector(".path")?.replaceChildren(
    ...stops(service2, way, assumed).map(
      (stop) => element(
        "li",
        { "data-reads": stop.reads },
        element("h3", {}, stop.name),
        element("p", { class: "place" }, stop.place),
        element("p", { class: "reads" }, ANSWERS[stop.reads]),
        element("p", {}, `Sees: ${stop.sees}`),
        stop.hidden === "" ? null : element("p", {}, `Hidden from it: ${stop.hidden}`)
      )
    )
  );
  const good = nodes2.filter((node) => node.state !== "not_verified" && node.state !== "incomplete").length;
  const some = way !== "unknown" && good > 0 && good < nodes2.length;
  const which = some ? ` ${good} of ${nodes2.length} nodes may be asked; the others get nothing.` : "";
  const says = card.querySelector(".consequence");
  if (says !== null) says.textContent = consequence(service2, way, assumed) + which;
}
function drawPath(card, service2, nodes2) {
  const choice = element("fieldset", { class: "choice" }, element("legend", {}, "What if"));
  for (const [name, label] of Object.entries(CASES)) {
    const input = element("input", { type: "radio", name: "assumed", id: `assumed-${name}`, value: name });
    input.checked = name === assumed;
    input.addEventListener("change", () => {
      assumed = name;
      drawStops(card, service2, nodes2);
    });
    choice.append(element("label", {}, input, ` ${label}`));
  }
  card.replaceChildren(
    element("h2", { id: "card-path-title" }, "Who can read this?"),
    element("ol", { class: "path" }),
    element("p", { class: "consequence", "aria-live": "polite" }),
    choice
  );
  drawStops(card, service2, nodes2);
}
class Unreadable extends Error {
}
function refuse(path, wanted) {
  throw new Unreadable(`${path}: ${wanted}`);
}
function object(readers) {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(path, "is no object");
    const members = value;
    for (const name of Object.keys(members)) if (!Object.hasOwn(readers, name)) refuse(`${path}.${name}`, "is unknown");
    const out = {};
    for (const [name, reader] of Object.entries(readers)) {
      if (!Object.hasOwn(members, name)) refuse(`${path}.${name}`, "is missing");
      out[name] = reader(members[name], `${path}.${name}`);
    }
    return out;
  };
}
function list(reader, least, most) {
  return (value, path) => {
    if (!Array.isArray(value)) refuse(path, "is no list");
    if (value.length < least || value.length > most) refuse(path, `has ${value.length} entries`);
    return value.map((one, index) => reader(one, `${path}[${index}]`));
  };
}
function orNull(reader) {
  return (value, path) => value === null ? null : reader(value, path);
}
function oneOf(...names) {
  return (value, path) => {
    const found2 = names.find((name) => name === value);
    return found2 ?? refuse(path, `is none of ${names.join(", ")}`);
  };
}
function text(pattern, most) {
  return (value, path) => {
    if (typeof value !== "string") refuse(path, "is no text");
    if (value.length > most || !pattern.test(value)) refuse(path, "has another form");
    return value;
  };
}
const integer = (value, path) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) refuse(path, "is no integer");
  return value;
};
const count = (value, path) => {
  const found2 = integer(value, path);
  return found2 >= 0 ? found2 : refuse(path, "is negative");
};
const hex = text(/^[0-9a-f]{64}$/, 64);
const printable = text(/^[ -~]*$/, 203);
const time = (value, path) => {
  const written = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 20)(value, path);
  const found2 = new Date(written);
  if (Number.isNaN(found2.getTime()) || found2.toISOString().replace(".000", "") !== written) refuse(path, "is no time");
  return found2;
};
function read(reader, json) {
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Unreadable("no JSON");
  }
  const out = reader(value, "$");
  if (JSON.stringify(value) !== json) throw new Unreadable("written in another form");
  return out;
}
function whoAnswered(request, nodes2) {
  if (request.answered_by === null) return "nobody";
  const index = nodes2.findIndex((node2) => node2.evidence.statement === request.answered_by);
  const node = nodes2[index];
  if (node === void 0) return `a node that is gone (${request.answered_by.slice(0, 16)})`;
  return element("span", {}, `node ${index + 1} `, badge(node.judged.state));
}
function drawRequests(card, requests, nodes2) {
  const title = element("h2", { id: "card-requests-title" }, "This request");
  if (requests.length === 0) {
    card.replaceChildren(title, element("p", {}, "No request has come through this proxy since it was started."));
    return;
  }
  const rows = requests.map(
    (request) => element(
      "tr",
      {},
      element("th", { scope: "row" }, request.at.toISOString().slice(11, 19)),
      element("td", {}, element("code", {}, request.path)),
      element("td", {}, request.outcome),
      element("td", {}, whoAnswered(request, nodes2)),
      element("td", {}, `${bytes(request.sent)} / ${bytes(request.received)}`),
      element("td", {}, request.milliseconds < 1e3 ? `${request.milliseconds} ms` : span(request.milliseconds))
    )
  );
  const heads = ["Time (UTC)", "Path", "Outcome", "Answered by", "Sent / received", "Took"];
  card.replaceChildren(
    title,
    element("p", {}, "The last ones first. The proxy keeps these lines in memory, and nothing of what was said."),
    element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of requests" },
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
        element("tbody", {}, ...rows)
      )
    )
  );
}
const STATES = ["not_verified", "incomplete", "simulated", "verified_with_notes", "verified"];
function lowest(...states) {
  return STATES.find((state) => states.includes(state)) ?? "not_verified";
}
const OUTCOMES = ["pass", "note", "fail", "not_run"];
const checkReader = object({
  id: text(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/, 64),
  paragraph: printable,
  outcome: oneOf(...OUTCOMES),
  expected: printable,
  found: printable,
  signer: orNull(printable),
  issued: orNull(time),
  age: orNull(integer),
  valid_until: orNull(time)
});
const verdictReader = object({
  schema: oneOf("openpcc-verdict-1"),
  state: oneOf(...STATES),
  first_problem: orNull(printable),
  at: time,
  valid_until: orNull(time),
  claims: orNull(
    object({
      bundle: hex,
      statement: hex,
      role: oneOf("node", "gateway"),
      release: printable,
      not_before: time,
      not_after: time,
      model: hex,
      engine_profile: hex,
      isolation: printable,
      keys: list(text(/^[0-9a-f]+$/, 64), 0, 64),
      devices: count
    })
  ),
  checks: list(checkReader, 1, 256)
});
const explainedReader = object({
  id: printable,
  paragraph: printable,
  meaning: text(/^[ -~]*$/, 400),
  remedy: text(/^[ -~]*$/, 400)
});
const explainedLists = object({
  schema: oneOf("openpcc-checks-1"),
  tdx: list(explainedReader, 1, 256),
  snp: list(explainedReader, 1, 256)
});
const ADDED = "directory.statement";
function isWhole(checks, known2) {
  const last = checks.at(-1);
  const judged = last?.id === ADDED && last.outcome === "fail" ? checks.slice(0, -1) : checks;
  return [known2.tdx, known2.snp].some(
    (all) => all.length === judged.length && all.every((one, i) => one.id === judged[i]?.id && one.paragraph === judged[i]?.paragraph)
  );
}
function ofOutcome(verdict, outcome) {
  return verdict.checks.filter((check2) => check2.outcome === outcome);
}
function fromChecks(verdict) {
  if (ofOutcome(verdict, "fail").length > 0) return "not_verified";
  if (ofOutcome(verdict, "not_run").length > 0) return "incomplete";
  const simulated = verdict.checks.some(
    (check2) => check2.id === "root.trust" && (check2.outcome !== "pass" || check2.found.startsWith("simulated")) || check2.id === "policy.simulated" && check2.found.startsWith("simulated")
  );
  if (simulated) return "simulated";
  return ofOutcome(verdict, "note").length > 0 ? "verified_with_notes" : "verified";
}
function contradiction(verdict) {
  const state = fromChecks(verdict);
  if (verdict.state !== state) return `it says ${verdict.state}, and its checks say ${state}`;
  const problem = verdict.checks.find((check2) => check2.outcome === "fail") ?? ofOutcome(verdict, "not_run")[0];
  if (verdict.first_problem !== (problem?.id ?? null)) return "its first problem is another one";
  const usable = problem === void 0;
  if (usable !== (verdict.valid_until !== null)) return "it holds until a time that does not go with its state";
  if (usable && verdict.claims === null) return "it is about nothing";
  if (usable && verdict.claims?.role !== "node") return "it is not about a node";
  for (const check2 of verdict.checks) {
    const age2 = check2.issued && (verdict.at.getTime() - check2.issued.getTime()) / 1e3;
    if (check2.age !== age2) return `${check2.id} has an age that is not its own`;
  }
  return null;
}
function counted(number) {
  return number === 1 ? "1 check" : `${number} checks`;
}
function sentence(verdict) {
  const of = (outcome) => counted(ofOutcome(verdict, outcome).length);
  const none = `${verdict.first_problem} first. No prompt goes to this node.`;
  switch (verdict.state) {
    case "verified":
      return `Every one of ${counted(verdict.checks.length)} passed.`;
    case "verified_with_notes":
      return `Nothing failed, and ${of("note")} passed with a note.`;
    case "not_verified":
      return `${of("fail")} failed, ${none}`;
    case "incomplete":
      return `Nothing failed, but ${of("not_run")} did not run, ${none}`;
    case "simulated":
      return "Every check passed, on simulated hardware that protects nothing: for development only.";
  }
}
function judge(evidence, known2, now) {
  let verdict;
  try {
    verdict = read(verdictReader, evidence.verdict);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return {
      state: "not_verified",
      reason: `What came is no verdict: ${error.message}.`,
      believed: false,
      verdict: null
    };
  }
  const refused = (why) => ({
    state: "not_verified",
    reason: `This verdict is not believed: ${why}.`,
    believed: false,
    verdict
  });
  if (!isWhole(verdict.checks, known2)) return refused("its checks are not those of the verifier");
  const wrong = contradiction(verdict);
  if (wrong !== null) return refused(wrong);
  if (verdict.claims !== null && verdict.claims.bundle !== evidence.hash)
    return refused("it is about other evidence than came with it");
  const named = verdict.checks.some((check2) => check2.id === ADDED);
  if (verdict.claims !== null && !named && verdict.claims.statement !== evidence.statement)
    return refused("it is about another node");
  const expired = overdue(verdict, now);
  if (expired !== null) return { state: lowest(verdict.state, "incomplete"), reason: expired, believed: true, verdict };
  return { state: verdict.state, reason: sentence(verdict), believed: true, verdict };
}
function overdue(verdict, now) {
  if (verdict.at.getTime() > now.getTime() + 6e4) return "It was judged in the future: one of the clocks is wrong.";
  if (verdict.valid_until !== null && verdict.valid_until <= now)
    return "What was checked is too old now: check again.";
  return null;
}
const word = text(/^[ -~]*$/, 203);
const stateReader = object({
  schema: oneOf("openpcc-page-1"),
  relay: word,
  policy: object({
    name: word,
    preset: oneOf("strict", "standard", "two-roots", "development"),
    expires: time,
    candidates: count
  }),
  judging: orNull(object({ number: count, at: time, nodes: list(hex, 0, 4096) })),
  requests: list(
    object({
      number: count,
      at: time,
      path: printable,
      outcome: printable,
      answered_by: orNull(hex),
      sent: count,
      received: count,
      milliseconds: count
    }),
    0,
    256
  )
});
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
const errorReader = (value) => {
  const message = value?.error?.message;
  return typeof message === "string" ? message : "the proxy refuses without a reason";
};
class Proxy {
  constructor(key) {
    this.key = key;
  }
  async ask(path, method = "GET") {
    let answer;
    try {
      answer = await fetch(`/verify/${path}`, {
        method,
        headers: { authorization: `Bearer ${this.key}` },
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer"
      });
    } catch {
      throw new Refused(0, "The proxy does not answer.");
    }
    if (answer.ok) return answer;
    const body = await answer.json().catch(() => null);
    throw new Refused(answer.status, errorReader(body));
  }
  async state() {
    return read(stateReader, await (await this.ask("state")).text());
  }
  async known() {
    return read(explainedLists, await (await this.ask("checks")).text());
  }
  /** Judges every node anew, under a challenge of its own. */
  async check() {
    return read(stateReader, await (await this.ask("check", "POST")).text());
  }
  /** The verdicts and the evidence of one judging; Refused with 404 when there is a newer one. */
  async evidence(judging) {
    const out = [];
    for (const [index, statement] of judging.nodes.entries()) {
      const node = `judgings/${judging.number}/nodes/${index}`;
      const verdict = await (await this.ask(node)).text();
      const bundle = new Uint8Array(await (await this.ask(`${node}/bundle`)).arrayBuffer());
      const asked = await (await this.ask(`${node}/challenge`)).text();
      out.push({ statement, verdict, bundle, hash: await hashOf(bundle), asked });
    }
    return out;
  }
}
async function hashOf(bundle) {
  if (bundle.length === 0) return null;
  const digest2 = await crypto.subtle.digest("SHA-256", bundle);
  return Array.from(new Uint8Array(digest2), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
const EVERY_MS = 2e3;
let proxy = null;
let known = null;
let service = null;
let nodes = [];
let busy = false;
let drawn = "";
let drawnRequests = "";
function banner(state, reason) {
  const verdict = byId("verdict");
  const name = STATE_NAMES[state];
  if (verdict.dataset.state === state && byId("verdict-reason").textContent === reason) return;
  verdict.dataset.state = state;
  byId("verdict-state").textContent = name;
  byId("verdict-reason").textContent = reason;
  document.title = `${name} - OpenPCC`;
}
function trouble(message) {
  const place = byId("trouble");
  place.hidden = message === null;
  if (place.textContent !== (message ?? "")) place.textContent = message;
}
function askForKey() {
  proxy = null;
  forget("Show the key of this proxy, and it shows what it has checked.");
  byId("key-form").hidden = false;
  byId("check").hidden = true;
}
function forget(reason) {
  service = null;
  clear(reason);
}
function clear(reason) {
  nodes = [];
  drawn = drawnRequests = "";
  byId("cards").hidden = true;
  byId("verdict-age").textContent = "";
  banner("not_checked", reason);
}
function overall() {
  const [first] = nodes;
  if (first === void 0)
    return ["incomplete", "The service has no node ready: there is nothing that could be checked."];
  const state = lowest(...nodes.map((node) => node.judged.state));
  const worst = nodes.findIndex((node) => node.judged.state === state);
  const reason = nodes[worst]?.judged.reason ?? "";
  if (nodes.length === 1) return [state, reason];
  const same = nodes.filter((node) => node.judged.state === state).length;
  return [state, `${same === nodes.length ? `All ${same}` : `${same} of ${nodes.length}`} nodes: ${reason}`];
}
function draw() {
  if (service === null || known === null) return;
  if (service.judging === null) return clear("Nothing has been checked yet.");
  const now = /* @__PURE__ */ new Date();
  for (const node of nodes) node.judged = judge(node.evidence, known, now);
  const [state, reason] = overall();
  banner(state, reason);
  age(now);
  const view = JSON.stringify([
    service.judging.number,
    service.relay,
    service.policy,
    state,
    nodes.map((node) => node.judged)
  ]);
  if (view !== drawn) {
    const focused = document.activeElement?.id ?? "";
    const judged = nodes.map((node) => node.judged);
    drawPath(byId("card-path"), service, judged);
    drawMachines(byId("card-machine"), nodes, known);
    drawCode(byId("card-code"), nodes, service.policy);
    if (focused !== "") document.getElementById(focused)?.focus({ preventScroll: true });
  }
  const requests = view + JSON.stringify(service.requests);
  if (requests !== drawnRequests) drawRequests(byId("card-requests"), service.requests, nodes);
  drawn = view;
  drawnRequests = requests;
  byId("cards").hidden = false;
}
function age(now) {
  if (service?.judging == null) return;
  const ends = nodes.map((node) => node.judged.verdict?.valid_until?.getTime() ?? null);
  const end = ends.length > 0 && ends.every((one) => one !== null) ? Math.min(...ends) : null;
  const checked = `Checked ${span(now.getTime() - service.judging.at.getTime())} ago`;
  byId("verdict-age").textContent = end !== null && end > now.getTime() ? `${checked}; holds for ${span(end - now.getTime())}.` : `${checked}.`;
}
async function take(state) {
  if (proxy === null) return;
  const lists = known ??= await proxy.known();
  if (state.judging !== null && state.judging.number !== service?.judging?.number) {
    const evidence = await proxy.evidence(state.judging);
    nodes = evidence.map((one) => ({ evidence: one, judged: judge(one, lists, /* @__PURE__ */ new Date()) }));
  }
  service = state;
  draw();
}
async function turn(work, keepsWhatIsHeld) {
  if (busy || proxy === null) return;
  busy = true;
  byId("check").setAttribute("aria-disabled", "true");
  try {
    await work(proxy);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreadable)) throw error;
    if (error instanceof Refused && error.status === 401) {
      askForKey();
      trouble("This is not the key of this proxy.");
    } else if (error instanceof Refused && keepsWhatIsHeld && error.status !== 0 && service !== null) {
      trouble(`It could not be checked again: ${error.message}`);
    } else if (!(error instanceof Refused && error.status === 404)) {
      forget("What the proxy says cannot be had or read.");
      trouble(error instanceof Unreadable ? `The proxy's answer cannot be read: ${error.message}.` : error.message);
    }
  } finally {
    busy = false;
    byId("check").removeAttribute("aria-disabled");
  }
}
async function check() {
  await turn(async (held) => {
    trouble(null);
    await take(await held.check());
  }, true);
}
async function look() {
  await turn(async (held) => {
    const lost = service === null;
    await take(await held.state());
    if (lost) trouble(null);
  }, false);
}
async function enter(key) {
  proxy = new Proxy(key);
  byId("key-form").hidden = true;
  byId("check").hidden = false;
  banner("not_checked", "Asking the proxy.");
  await look();
  if (proxy !== null && service !== null && service.judging === null) await check();
}
function begin() {
  const field = byId("key");
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const key = field.value.trim();
    field.value = "";
    trouble(null);
    void enter(key).then(() => byId(proxy === null ? "key" : "content").focus());
  });
  byId("check").addEventListener("click", () => void check());
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  if (given) void enter(given);
  else askForKey();
  setInterval(() => {
    if (document.visibilityState === "visible") void look();
    draw();
  }, EVERY_MS);
  setInterval(() => age(/* @__PURE__ */ new Date()), 1e3);
}
begin();
