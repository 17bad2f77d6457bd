// SPDX-License-Identifier: Apache-2.0
// The second and the third card: which machine, and which code and model, node by node, with every check.

import { badge, digest, element, facts, span, utc } from './element';
import type { Evidence } from './service';
import type { Check, Explained, Judged, Known, Outcome } from './verdict';

export interface Shown {
  evidence: Evidence;
  judged: Judged;
}

const OUTCOME_NAMES: Record<Outcome, string> = { pass: 'Passed', note: 'Note', fail: 'Failed', not_run: 'Did not run' };
const NOT_REACHED = 'not reached: an earlier check failed';

function explained(known: Known, id: string): Explained | undefined {
  return [...known.tdx, ...known.snp].find((one) => one.id === id);
}

function found(node: Shown, id: string): string | null {
  const check = node.judged.verdict?.checks.find((one) => one.id === id);
  return check === undefined ? null : `${check.found} (${OUTCOME_NAMES[check.outcome].toLowerCase()})`;
}

/** One check: what was asked, what was found, on whose word, since when, until when, and what it means. */
function checkItem(check: Check, known: Known): HTMLElement {
  const about = explained(known, check.id);
  const bad = check.outcome === 'fail' || check.outcome === 'not_run';
  return element(
    'li',
    { 'data-outcome': check.outcome },
    element('p', {}, element('strong', {}, OUTCOME_NAMES[check.outcome]), ' ', element('code', {}, check.id)),
    facts(
      ['Means', about?.meaning ?? null],
      ['Expected', check.expected],
      ['Found', check.found],
      ['Signed by', check.signer],
      ['Signed', check.issued && check.age !== null ? `${utc(check.issued)}, ${span(check.age * 1000)} before` : null],
      ['Holds until', check.valid_until && utc(check.valid_until)],
      ['By', check.paragraph],
      ['To do', bad ? (about?.remedy ?? null) : null],
    ),
  );
}

function save(id: string, name: string, content: BlobPart, type: string, label: string): HTMLElement {
  const button = element('button', { type: 'button', class: 'quiet', id }, label);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    element('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  return button;
}

function saving(evidence: Evidence, node: string): HTMLElement {
  const { statement, verdict, bundle, asked } = evidence;
  const name = `${statement}.bundle`;
  const out = element(
    'p',
    { class: 'row', role: 'group', 'aria-label': 'Save' },
    save(`${node}-save-verdict`, `${statement}.json`, verdict, 'application/json', 'Save the verdict'),
  );
  if (bundle.length > 0)
    out.append(
      save(`${node}-save-bundle`, name, bundle as BlobPart, 'application/octet-stream', 'Save the evidence'),
      save(`${node}-save-challenge`, `${name}.challenge`, asked, 'text/plain', 'Save what was asked'),
    );
  return out;
}

/** Only what stands behind the verdict: a check that was never reached says nothing of its own. */
function isReason(check: Check): boolean {
  return check.outcome !== 'pass' && !(check.outcome === 'not_run' && check.found === NOT_REACHED);
}

function machine(node: Shown, number: number, known: Known): HTMLElement {
  const { judged, evidence } = node;
  const title = `node-${number}-title`;
  const out = element(
    'article',
    { class: 'node', 'aria-labelledby': title, 'data-state': judged.state },
    element('h3', { id: title }, `Node ${number} `, badge(judged.state)),
    element('p', { class: 'reason' }, judged.reason),
  );
  const verdict = judged.verdict;
  if (verdict !== null) {
    const snp = verdict.checks.some((check) => check.id.startsWith('snp.'));
    out.append(
      facts(
        ['Hardware', evidence.bundle.length === 0 ? 'unknown: it gave no evidence' : snp ? 'AMD SEV-SNP' : 'Intel TDX'],
        ['Root of trust', found(node, 'root.trust')],
        ['Firmware', found(node, snp ? 'snp.tcb.reported' : 'tdx.tcb')],
        ['Debug access', found(node, snp ? 'snp.policy.debug' : 'tdx.debug')],
        ['Answered to our challenge', found(node, 'freshness.challenge')],
        ['Machine', found(node, 'policy.hardware')],
        ['Judged', utc(verdict.at)],
        ['Holds until', verdict.valid_until && utc(verdict.valid_until)],
      ),
    );
    const reasons = verdict.checks.filter(isReason);
    if (reasons.length > 0)
      out.append(
        element('h4', {}, 'What did not simply pass'),
        element('ul', { class: 'checks reasons' }, ...reasons.map((check) => checkItem(check, known))),
      );
    out.append(
      element(
        'details',
        { id: `node-${number}-checks` },
        element('summary', { id: `node-${number}-summary` }, `All ${verdict.checks.length} checks of node ${number}`),
        element('ol', { class: 'checks' }, ...verdict.checks.map((check) => checkItem(check, known))),
      ),
    );
  }
  out.append(saving(evidence, `node-${number}`));
  return out;
}

export function drawMachines(card: HTMLElement, nodes: Shown[], known: Known): void {
  const open = new Set([...card.querySelectorAll('details[open]')].map((one) => one.id));
  card.replaceChildren(
    element('h2', { id: 'card-machine-title' }, 'Which machine?'),
    ...(nodes.length === 0
      ? [element('p', {}, 'No node of the service is known.')]
      : nodes.map((node, index) => machine(node, index + 1, known))),
    element(
      'p',
      { class: 'small' },
      'Saved files can be judged again, without this proxy and without a network: ',
      element('code', {}, 'openpcc verify FILE.bundle --policy POLICY --collateral COLLATERAL --at TIME'),
    ),
  );
  for (const details of card.querySelectorAll('details')) details.open = open.has(details.id);
}

function code(node: Shown, number: number): HTMLElement {
  const claims = node.judged.verdict?.claims;
  const title = `code-${number}-title`;
  const out = element(
    'article',
    { class: 'node', 'aria-labelledby': title },
    element('h3', { id: title }, `Node ${number}`),
  );
  if (claims === null || claims === undefined) {
    out.append(element('p', {}, 'It has shown nothing that could be read.'));
    return out;
  }
  if (node.judged.state === 'not_verified' || node.judged.state === 'incomplete')
    out.append(element('p', { class: 'reason' }, 'This is what the node says of itself. Nothing stands behind it.'));
  const snp = node.judged.verdict?.checks.some((check) => check.id.startsWith('snp.'));
  out.append(
    facts(
      ['Release', claims.release],
      ['Release is accepted', found(node, 'statement.release')],
      ['Measured', found(node, snp ? 'policy.measurement.launch' : 'policy.measurement.rtmr1')],
      ['Model', digest(claims.model)],
      ['Model is accepted', found(node, 'policy.model')],
      ['Engine profile', digest(claims.engine_profile)],
      ['Isolation', found(node, 'policy.isolation')],
      ['Post-quantum keys', found(node, 'policy.pq')],
      ['Statement', digest(claims.statement)],
      ['In force', `from ${utc(claims.not_before)} until ${utc(claims.not_after)}`],
    ),
  );
  return out;
}

export function drawCode(
  card: HTMLElement,
  nodes: Shown[],
  policy: { name: string; preset: string; expires: Date },
): void {
  card.replaceChildren(
    element('h2', { id: 'card-code-title' }, 'Which code and model?'),
    facts(['Policy', `${policy.name} (${policy.preset})`], ['Policy ends', utc(policy.expires)]),
    ...nodes.map((node, index) => code(node, index + 1)),
  );
}
