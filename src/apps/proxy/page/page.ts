// SPDX-License-Identifier: Apache-2.0
// The verification page: asks the proxy what it has judged, judges the verdicts itself, and shows the lower of both.

import { byId, span, STATE_NAMES } from './element';
import { drawCode, drawMachines, type Shown } from './node';
import { drawPath } from './path';
import { Unreadable } from './reading';
import { drawRequests } from './requests';
import { Proxy, Refused, type ServiceState } from './service';
import { judge, lowest, type Known, type State } from './verdict';

const EVERY_MS = 2000;

let proxy: Proxy | null = null;
let known: Known | null = null;
let service: ServiceState | null = null;
let nodes: Shown[] = [];
let busy = false;
/** What was last drawn, so that what has not changed keeps its focus. */
let drawn = '';
let drawnRequests = '';

function banner(state: State | 'not_checked', reason: string): void {
  const verdict = byId('verdict');
  const name = STATE_NAMES[state];
  if (verdict.dataset.state === state && byId('verdict-reason').textContent === reason) return;
  verdict.dataset.state = state;
  byId('verdict-state').textContent = name;
  byId('verdict-reason').textContent = reason;
  document.title = `${name} - OpenPCC`;
}

function trouble(message: string | null): void {
  const place = byId('trouble');
  place.hidden = message === null;
  if (place.textContent !== (message ?? '')) place.textContent = message;
}

function askForKey(): void {
  proxy = null;
  forget('Show the key of this proxy, and it shows what it has checked.');
  byId('key-form').hidden = false;
  byId('check').hidden = true;
}

/** What cannot be known now is not shown from before. */
function forget(reason: string): void {
  service = null;
  clear(reason);
}

function clear(reason: string): void {
  nodes = [];
  drawn = drawnRequests = '';
  byId('cards').hidden = true;
  byId('verdict-age').textContent = '';
  banner('not_checked', reason);
}

function overall(): [State, string] {
  const [first] = nodes;
  if (first === undefined)
    return ['incomplete', 'The service has no node ready: there is nothing that could be checked.'];
  const state = lowest(...nodes.map((node) => node.judged.state));
  const worst = nodes.findIndex((node) => node.judged.state === state);
  const reason = nodes[worst]?.judged.reason ?? '';
  if (nodes.length === 1) return [state, reason];
  const same = nodes.filter((node) => node.judged.state === state).length;
  return [state, `${same === nodes.length ? `All ${same}` : `${same} of ${nodes.length}`} nodes: ${reason}`];
}

/** Judges what is held as of now: what was good a minute ago may be too old. What has not changed is not drawn anew. */
function draw(): void {
  if (service === null || known === null) return;
  if (service.judging === null) return clear('Nothing has been checked yet.');
  const now = new Date();
  for (const node of nodes) node.judged = judge(node.evidence, known, now);
  const [state, reason] = overall();
  banner(state, reason);
  age(now);
  const view = JSON.stringify([
    service.judging.number,
    service.relay,
    service.policy,
    state,
    nodes.map((node) => node.judged),
  ]);
  if (view !== drawn) {
    const focused = document.activeElement?.id ?? '';
    const judged = nodes.map((node) => node.judged);
    drawPath(byId('card-path'), service, judged);
    drawMachines(byId('card-machine'), nodes, known);
    drawCode(byId('card-code'), nodes, service.policy);
    // Whoever walks the page by keyboard stays where they were.
    if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
  }
  const requests = view + JSON.stringify(service.requests);
  if (requests !== drawnRequests) drawRequests(byId('card-requests'), service.requests, nodes);
  drawn = view;
  drawnRequests = requests;
  byId('cards').hidden = false;
}

function age(now: Date): void {
  if (service?.judging == null) return;
  const ends = nodes.map((node) => node.judged.verdict?.valid_until?.getTime() ?? null);
  const end = ends.length > 0 && ends.every((one) => one !== null) ? Math.min(...ends) : null;
  const checked = `Checked ${span(now.getTime() - service.judging.at.getTime())} ago`;
  byId('verdict-age').textContent =
    end !== null && end > now.getTime() ? `${checked}; holds for ${span(end - now.getTime())}.` : `${checked}.`;
}

async function take(state: ServiceState): Promise<void> {
  if (proxy === null) return;
  const lists = (known ??= await proxy.known());
  if (state.judging !== null && state.judging.number !== service?.judging?.number) {
    const evidence = await proxy.evidence(state.judging);
    nodes = evidence.map((one) => ({ evidence: one, judged: judge(one, lists, new Date()) }));
  }
  service = state;
  draw();
}

/** One conversation with the proxy at a time. Whatever goes wrong in it is said, and shown as not checked. */
async function turn(work: (proxy: Proxy) => Promise<void>, keepsWhatIsHeld: boolean): Promise<void> {
  if (busy || proxy === null) return;
  busy = true;
  byId('check').setAttribute('aria-disabled', 'true');
  try {
    await work(proxy);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreadable)) throw error;
    if (error instanceof Refused && error.status === 401) {
      askForKey();
      trouble('This is not the key of this proxy.');
    } else if (error instanceof Refused && keepsWhatIsHeld && error.status !== 0 && service !== null) {
      trouble(`It could not be checked again: ${error.message}`);
    } else if (!(error instanceof Refused && error.status === 404)) {
      forget('What the proxy says cannot be had or read.');
      trouble(error instanceof Unreadable ? `The proxy's answer cannot be read: ${error.message}.` : error.message);
    }
  } finally {
    busy = false;
    byId('check').removeAttribute('aria-disabled');
  }
}

/** A failed check leaves what was checked before, with its age: it ends by itself. */
async function check(): Promise<void> {
  await turn(async (held) => {
    trouble(null);
    await take(await held.check());
  }, true);
}

async function look(): Promise<void> {
  await turn(async (held) => {
    const lost = service === null;
    await take(await held.state());
    if (lost) trouble(null);
  }, false);
}

async function enter(key: string): Promise<void> {
  proxy = new Proxy(key);
  byId('key-form').hidden = true;
  byId('check').hidden = false;
  banner('not_checked', 'Asking the proxy.');
  await look();
  if (proxy !== null && service !== null && service.judging === null) await check();
}

function begin(): void {
  const field = byId('key') as HTMLInputElement;
  byId('key-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const key = field.value.trim();
    field.value = '';
    trouble(null);
    void enter(key).then(() => byId(proxy === null ? 'key' : 'content').focus());
  });
  byId('check').addEventListener('click', () => void check());
  // A key in the address stays in no history: it is taken out before anything else happens.
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (location.hash !== '') history.replaceState(null, '', location.pathname);
  if (given) void enter(given);
  else askForKey();
  setInterval(() => {
    if (document.visibilityState === 'visible') void look();
    draw();
  }, EVERY_MS);
  setInterval(() => age(new Date()), 1000);
}

begin();
