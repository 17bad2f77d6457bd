// SPDX-License-Identifier: Apache-2.0
// What the proxy tells this page, and the key that it wants to see. The key lives in this module's memory alone.

import { count, hex, list, object, oneOf, orNull, printable, read, text, time, type Reader } from './reading';
import { explainedLists, type Known } from './verdict';

const word = text(/^[ -~]*$/, 203);

const stateReader = object({
  schema: oneOf('openpcc-page-1'),
  relay: word,
  policy: object({
    name: word,
    preset: oneOf('strict', 'standard', 'two-roots', 'development'),
    expires: time,
    candidates: count,
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
      milliseconds: count,
    }),
    0,
    256,
  ),
});
export type ServiceState = ReturnType<typeof stateReader>;
export type Request = ServiceState['requests'][number];

/** What was judged of one node, as it came. */
export interface Evidence {
  statement: string;
  verdict: string;
  bundle: Uint8Array;
  /** SHA-256 of the bundle, computed here; null of nothing. */
  hash: string | null;
  asked: string;
}

export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const errorReader: Reader<string> = (value) => {
  const message = (value as { error?: { message?: unknown } } | null)?.error?.message;
  return typeof message === 'string' ? message : 'the proxy refuses without a reason';
};

export class Proxy {
  constructor(private readonly key: string) {}

  private async ask(path: string, method: 'GET' | 'POST' = 'GET'): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(`/verify/${path}`, {
        method,
        headers: { authorization: `Bearer ${this.key}` },
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
      });
    } catch {
      throw new Refused(0, 'The proxy does not answer.');
    }
    if (answer.ok) return answer;
    const body: unknown = await answer.json().catch(() => null);
    throw new Refused(answer.status, errorReader(body, '$'));
  }

  async state(): Promise<ServiceState> {
    return read(stateReader, await (await this.ask('state')).text());
  }

  async known(): Promise<Known> {
    return read(explainedLists, await (await this.ask('checks')).text());
  }

  /** Judges every node anew, under a challenge of its own. */
  async check(): Promise<ServiceState> {
    return read(stateReader, await (await this.ask('check', 'POST')).text());
  }

  /** The verdicts and the evidence of one judging; Refused with 404 when there is a newer one. */
  async evidence(judging: NonNullable<ServiceState['judging']>): Promise<Evidence[]> {
    const out: Evidence[] = [];
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

async function hashOf(bundle: Uint8Array): Promise<string | null> {
  if (bundle.length === 0) return null;
  const digest = await crypto.subtle.digest('SHA-256', bundle as BufferSource);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
