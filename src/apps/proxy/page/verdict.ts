// SPDX-License-Identifier: Apache-2.0
// A verdict as the proxy gives it (docs/reference/verdict.md), and what this page makes of it: never more than the
// verdict says, and never more than its checks say.

import { count, hex, integer, list, object, oneOf, orNull, printable, read, text, time, Unreadable } from './reading';
import type { Evidence } from './service';

/** From the lowest to the highest. What is lower wins over what is higher, everywhere on this page. */
export const STATES = ['not_verified', 'incomplete', 'simulated', 'verified_with_notes', 'verified'] as const;
export type State = (typeof STATES)[number];

export function lowest(...states: State[]): State {
  return STATES.find((state) => states.includes(state)) ?? 'not_verified';
}

const OUTCOMES = ['pass', 'note', 'fail', 'not_run'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const checkReader = object({
  id: text(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/, 64),
  paragraph: printable,
  outcome: oneOf(...OUTCOMES),
  expected: printable,
  found: printable,
  signer: orNull(printable),
  issued: orNull(time),
  age: orNull(integer),
  valid_until: orNull(time),
});
export type Check = ReturnType<typeof checkReader>;

const verdictReader = object({
  schema: oneOf('openpcc-verdict-1'),
  state: oneOf(...STATES),
  first_problem: orNull(printable),
  at: time,
  valid_until: orNull(time),
  claims: orNull(
    object({
      bundle: hex,
      statement: hex,
      role: oneOf('node', 'gateway'),
      release: printable,
      not_before: time,
      not_after: time,
      model: hex,
      engine_profile: hex,
      isolation: printable,
      keys: list(text(/^[0-9a-f]+$/, 64), 0, 64),
      devices: count,
    }),
  ),
  checks: list(checkReader, 1, 256),
});
export type Verdict = ReturnType<typeof verdictReader>;

const explainedReader = object({
  id: printable,
  paragraph: printable,
  meaning: text(/^[ -~]*$/, 400),
  remedy: text(/^[ -~]*$/, 400),
});
export const explainedLists = object({
  schema: oneOf('openpcc-checks-1'),
  tdx: list(explainedReader, 1, 256),
  snp: list(explainedReader, 1, 256),
});
/** What the verifier judges for each kind of evidence, in its order. */
export type Known = ReturnType<typeof explainedLists>;
export type Explained = ReturnType<typeof explainedReader>;

/** What this page shows of one node. */
export interface Judged {
  state: State;
  /** Why, in one sentence. */
  reason: string;
  /** Whether this is a verdict that the verifier can have made: what it says is true of the proxy, good or bad. */
  believed: boolean;
  /** None when it could not be read. */
  verdict: Verdict | null;
}

/** A check that is added outside the verifier, and only when it fails. */
const ADDED = 'directory.statement';

/** Whether these are all the checks of one kind of evidence, each where it belongs. */
function isWhole(checks: Check[], known: Known): boolean {
  const last = checks.at(-1);
  const judged = last?.id === ADDED && last.outcome === 'fail' ? checks.slice(0, -1) : checks;
  return [known.tdx, known.snp].some(
    (all) =>
      all.length === judged.length &&
      all.every((one, i) => one.id === judged[i]?.id && one.paragraph === judged[i]?.paragraph),
  );
}

function ofOutcome(verdict: Verdict, outcome: Outcome): Check[] {
  return verdict.checks.filter((check) => check.outcome === outcome);
}

/** What the checks alone say. A root that is simulated makes everything above it simulated. */
function fromChecks(verdict: Verdict): State {
  if (ofOutcome(verdict, 'fail').length > 0) return 'not_verified';
  if (ofOutcome(verdict, 'not_run').length > 0) return 'incomplete';
  const simulated = verdict.checks.some(
    (check) =>
      (check.id === 'root.trust' && (check.outcome !== 'pass' || check.found.startsWith('simulated'))) ||
      (check.id === 'policy.simulated' && check.found.startsWith('simulated')),
  );
  if (simulated) return 'simulated';
  return ofOutcome(verdict, 'note').length > 0 ? 'verified_with_notes' : 'verified';
}

/** What cannot be in a verdict of the verifier; null when there is no such thing. */
function contradiction(verdict: Verdict): string | null {
  const state = fromChecks(verdict);
  if (verdict.state !== state) return `it says ${verdict.state}, and its checks say ${state}`;
  const problem = verdict.checks.find((check) => check.outcome === 'fail') ?? ofOutcome(verdict, 'not_run')[0];
  if (verdict.first_problem !== (problem?.id ?? null)) return 'its first problem is another one';
  const usable = problem === undefined;
  if (usable !== (verdict.valid_until !== null)) return 'it holds until a time that does not go with its state';
  if (usable && verdict.claims === null) return 'it is about nothing';
  if (usable && verdict.claims?.role !== 'node') return 'it is not about a node';
  for (const check of verdict.checks) {
    const age = check.issued && (verdict.at.getTime() - check.issued.getTime()) / 1000;
    if (check.age !== age) return `${check.id} has an age that is not its own`;
  }
  return null;
}

function counted(number: number): string {
  return number === 1 ? '1 check' : `${number} checks`;
}

function sentence(verdict: Verdict): string {
  const of = (outcome: Outcome): string => counted(ofOutcome(verdict, outcome).length);
  const none = `${verdict.first_problem} first. No prompt goes to this node.`;
  switch (verdict.state) {
    case 'verified':
      return `Every one of ${counted(verdict.checks.length)} passed.`;
    case 'verified_with_notes':
      return `Nothing failed, and ${of('note')} passed with a note.`;
    case 'not_verified':
      return `${of('fail')} failed, ${none}`;
    case 'incomplete':
      return `Nothing failed, but ${of('not_run')} did not run, ${none}`;
    case 'simulated':
      return 'Every check passed, on simulated hardware that protects nothing: for development only.';
  }
}

/**
 * judge reads what the proxy has judged of one node. It believes nothing that it cannot read, that lacks a check, that
 * contradicts itself, or that is about other evidence than came with it.
 */
export function judge(evidence: Evidence, known: Known, now: Date): Judged {
  let verdict: Verdict;
  try {
    verdict = read(verdictReader, evidence.verdict);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return {
      state: 'not_verified',
      reason: `What came is no verdict: ${error.message}.`,
      believed: false,
      verdict: null,
    };
  }
  const refused = (why: string): Judged => ({
    state: 'not_verified',
    reason: `This verdict is not believed: ${why}.`,
    believed: false,
    verdict,
  });
  if (!isWhole(verdict.checks, known)) return refused('its checks are not those of the verifier');
  const wrong = contradiction(verdict);
  if (wrong !== null) return refused(wrong);
  if (verdict.claims !== null && verdict.claims.bundle !== evidence.hash)
    return refused('it is about other evidence than came with it');
  const named = verdict.checks.some((check) => check.id === ADDED);
  if (verdict.claims !== null && !named && verdict.claims.statement !== evidence.statement)
    return refused('it is about another node');
  const expired = overdue(verdict, now);
  if (expired !== null) return { state: lowest(verdict.state, 'incomplete'), reason: expired, believed: true, verdict };
  return { state: verdict.state, reason: sentence(verdict), believed: true, verdict };
}

/** A verdict holds from when it was judged until its end; the clocks are the same machine's. */
function overdue(verdict: Verdict, now: Date): string | null {
  if (verdict.at.getTime() > now.getTime() + 60_000) return 'It was judged in the future: one of the clocks is wrong.';
  if (verdict.valid_until !== null && verdict.valid_until <= now)
    return 'What was checked is too old now: check again.';
  return null;
}
