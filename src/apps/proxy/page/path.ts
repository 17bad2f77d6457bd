// SPDX-License-Identifier: Apache-2.0
// The first card: the path of a prompt, what each stop on it sees, and what changes when somebody on it is dishonest.

import { element } from './element';
import type { ServiceState } from './service';
import type { Judged } from './verdict';

const CASES = {
  honest: 'Everybody does what they should',
  together: 'Relay and gateway work together',
  broken: 'One node is broken into',
} as const;
type Case = keyof typeof CASES;

type Reads = 'yes' | 'no' | 'nothing' | 'unknown';

interface Stop {
  name: string;
  place: string;
  reads: Reads;
  sees: string;
  hidden: string;
}

/** Where a prompt would go now: the lowest of the states that allow one. */
type Way = 'none' | 'unknown' | 'simulated' | 'verified_with_notes' | 'verified';

function wayOf(nodes: Judged[]): Way {
  if (nodes.some((node) => !node.believed)) return 'unknown';
  const usable = nodes.map((node) => node.state).filter((state) => state !== 'not_verified' && state !== 'incomplete');
  return (['simulated', 'verified_with_notes', 'verified'] as const).find((state) => usable.includes(state)) ?? 'none';
}

function stops(service: ServiceState, way: Way, assumed: Case): Stop[] {
  const open = way === 'simulated';
  const closed: Reads | null = way === 'none' ? 'nothing' : way === 'unknown' ? 'unknown' : null;
  const both = assumed === 'together';
  const host: Reads = closed ?? (open || assumed === 'broken' ? 'yes' : 'no');
  const nothing = way === 'none' ? 'nothing: no node is good enough' : 'unknown';
  return [
    { name: 'You', place: 'this computer', reads: 'yes', sees: 'prompt and answer', hidden: '' },
    {
      name: 'Relay',
      place: service.relay,
      reads: 'no',
      sees: both ? 'your address, sizes, times; from the gateway: which model and node' : 'your address, sizes, times',
      hidden: both ? 'prompt, answer' : 'prompt, answer, model, node',
    },
    {
      name: 'Gateway',
      place: 'run by the service',
      reads: 'no',
      sees: both ? 'model, nodes, sizes, times; from the relay: your address' : 'model, nodes, sizes, times',
      hidden: both ? 'prompt, answer' : 'prompt, answer, your address',
    },
    {
      name: 'Node',
      place: open ? 'no confidential hardware' : 'in a confidential VM',
      reads: closed ?? 'yes',
      sees: closed ? nothing : 'prompt and answer, to answer you',
      hidden: 'your address',
    },
    {
      name: open ? 'Who runs the node' : assumed === 'broken' ? 'Who broke into the node' : 'Who runs the node',
      place: 'outside the VM',
      reads: host,
      sees: closed ? nothing : host === 'yes' ? 'prompt and answer' : 'sizes, times',
      hidden: host === 'yes' ? 'your address' : 'prompt, answer, your address',
    },
  ];
}

function consequence(service: ServiceState, way: Way, assumed: Case): string {
  if (way === 'none') return 'A prompt goes to nodes that are good enough, and none is: nothing is sent.';
  if (way === 'unknown') return 'What the proxy says contradicts itself: who can read a prompt cannot be told.';
  if (way === 'simulated')
    return 'This hardware is simulated: whoever runs the machine of the node can read every prompt.';
  const sealed = `A request is sealed to ${service.policy.candidates} nodes at most, drawn at random on this computer.`;
  switch (assumed) {
    case 'honest':
      return `${sealed} They can open it, inside their confidential VMs, and one answers. Nobody else can read it.`;
    case 'together':
      return 'They can tell that you have asked, which model, when and how much. The words stay sealed.';
    case 'broken':
      return `Whoever broke in reads what comes to that node, and not from whom. ${sealed} The others are as before.`;
  }
}

const ANSWERS: Record<Reads, string> = {
  yes: 'Can read it',
  no: 'Cannot read it',
  nothing: 'Gets nothing',
  unknown: 'Cannot be told',
};

/** What the user has chosen stays when there are new verdicts. */
let assumed: Case = 'honest';

function drawStops(card: HTMLElement, service: ServiceState, nodes: Judged[]): void {
  const way = wayOf(nodes);
  card
    .querySelector('.path')
    ?.replaceChildren(
      ...stops(service, way, assumed).map((stop) =>
        element(
          'li',
          { 'data-reads': stop.reads },
          element('h3', {}, stop.name),
          element('p', { class: 'place' }, stop.place),
          element('p', { class: 'reads' }, ANSWERS[stop.reads]),
          element('p', {}, `Sees: ${stop.sees}`),
          stop.hidden === '' ? null : element('p', {}, `Hidden from it: ${stop.hidden}`),
        ),
      ),
    );
  const good = nodes.filter((node) => node.state !== 'not_verified' && node.state !== 'incomplete').length;
  const some = way !== 'unknown' && good > 0 && good < nodes.length;
  const which = some ? ` ${good} of ${nodes.length} nodes may be asked; the others get nothing.` : '';
  const says = card.querySelector('.consequence');
  if (says !== null) says.textContent = consequence(service, way, assumed) + which;
}

export function drawPath(card: HTMLElement, service: ServiceState, nodes: Judged[]): void {
  const choice = element('fieldset', { class: 'choice' }, element('legend', {}, 'What if'));
  for (const [name, label] of Object.entries(CASES)) {
    const input = element('input', { type: 'radio', name: 'assumed', id: `assumed-${name}`, value: name });
    input.checked = name === assumed;
    input.addEventListener('change', () => {
      assumed = name as Case;
      drawStops(card, service, nodes);
    });
    choice.append(element('label', {}, input, ` ${label}`));
  }
  card.replaceChildren(
    element('h2', { id: 'card-path-title' }, 'Who can read this?'),
    element('ol', { class: 'path' }),
    element('p', { class: 'consequence', 'aria-live': 'polite' }),
    choice,
  );
  drawStops(card, service, nodes);
}
