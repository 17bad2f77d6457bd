// SPDX-License-Identifier: Apache-2.0
// The fourth card: the last requests that went through this proxy, without a word of them.

import { badge, bytes, element, span } from './element';
import type { Shown } from './node';
import type { Request } from './service';

function whoAnswered(request: Request, nodes: Shown[]): Node | string {
  if (request.answered_by === null) return 'nobody';
  const index = nodes.findIndex((node) => node.evidence.statement === request.answered_by);
  const node = nodes[index];
  if (node === undefined) return `a node that is gone (${request.answered_by.slice(0, 16)})`;
  return element('span', {}, `node ${index + 1} `, badge(node.judged.state));
}

export function drawRequests(card: HTMLElement, requests: Request[], nodes: Shown[]): void {
  const title = element('h2', { id: 'card-requests-title' }, 'This request');
  if (requests.length === 0) {
    card.replaceChildren(title, element('p', {}, 'No request has come through this proxy since it was started.'));
    return;
  }
  const rows = requests.map((request) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, request.at.toISOString().slice(11, 19)),
      element('td', {}, element('code', {}, request.path)),
      element('td', {}, request.outcome),
      element('td', {}, whoAnswered(request, nodes)),
      element('td', {}, `${bytes(request.sent)} / ${bytes(request.received)}`),
      element('td', {}, request.milliseconds < 1000 ? `${request.milliseconds} ms` : span(request.milliseconds)),
    ),
  );
  const heads = ['Time (UTC)', 'Path', 'Outcome', 'Answered by', 'Sent / received', 'Took'];
  card.replaceChildren(
    title,
    element('p', {}, 'The last ones first. The proxy keeps these lines in memory, and nothing of what was said.'),
    element(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of requests' },
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
        element('tbody', {}, ...rows),
      ),
    ),
  );
}
