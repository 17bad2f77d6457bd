// SPDX-License-Identifier: Apache-2.0
// The first card: the path of a prompt, what each stop on it sees, and what changes when somebody on it is dishonest.

import { element } from './element';
import type { ServiceState } from './service';
import type { State } from './verdict';

const CASES = {
  honest: 'Everybody does what they should',
  together: 'Relay and gateway work together',
  broken: 'One node is broken into',
} as const;
type Case = keyof typeof CASES;

type Reads = 'yes' | 'no' | 'nothing sent';

interface Stop {
  name: string;
  place: string;
  reads: Reads;
  sees: string;
  hidden: string;
}

function stops(service: ServiceState, state: State, assumed: Case): Stop[] {
  const open = state === 'simulated';
  const closed = state === 'not_verified' || state === 'incomplete';
  const both = assumed === 'together';
  const inside: Reads = closed ? 'nothing sent' : 'yes';
  const host: Reads = closed ? 'nothing sent' : open || assumed === 'broken' ? 'yes' : 'no';
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
      reads: inside,
      sees: closed ? 'nothing: none is verified' : 'prompt and answer, to answer you',
      hidden: 'your address',
    },
    {
      name: open ? 'Who runs the node' : assumed === 'broken' ? 'Who broke into the node' : 'Who runs the node',
      place: 'outside the VM',
      reads: host,
      sees: host === 'yes' ? 'prompt and answer' : 'sizes, times',
      hidden: host === 'yes' ? 'your address' : 'prompt, answer, your address',
    },
  ];
}

function consequence(service: ServiceState, state: State, assumed: Case): string {
  if (state === 'not_verified' || state === 'incomplete')
    return 'A prompt goes to nodes that are verified, and to no other. See below which are.';
  if (state === 'simulated')
    return 'This hardware is simulated: whoever runs the machine of the node can read every prompt. For development only.';
  const sealed = `A request is sealed to ${service.policy.candidates} nodes at most, drawn at random on this computer.`;
  switch (assumed) {
    case 'honest':
      return `${sealed} They can open it, inside their confidential VMs, and one answers. Nobody else can read it.`;
    case 'together':
      return 'They can tell that you have asked, which model, when and how much. What was asked and answered stays sealed.';
    case 'broken':
      return `Whoever broke in reads what comes to that node, without your address. ${sealed} The others are as before.`;
  }
}

const ANSWERS: Record<Reads, string> = {
  yes: 'Can read it',
  no: 'Cannot read it',
  'nothing sent': 'Gets nothing',
};

export function drawPath(card: HTMLElement, service: ServiceState, state: State): void {
  const picture = element('ol', { class: 'path' });
  const says = element('p', { class: 'consequence', 'aria-live': 'polite' });
  const draw = (assumed: Case): void => {
    picture.replaceChildren(
      ...stops(service, state, assumed).map((stop) =>
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
    says.textContent = consequence(service, state, assumed);
  };
  const choice = element('fieldset', { class: 'choice' }, element('legend', {}, 'What if'));
  for (const [name, label] of Object.entries(CASES)) {
    const input = element('input', { type: 'radio', name: 'assumed', value: name });
    input.checked = name === 'honest';
    input.addEventListener('change', () => draw(name as Case));
    choice.append(element('label', {}, input, ` ${label}`));
  }
  draw('honest');
  card.replaceChildren(element('h2', { id: 'card-path-title' }, 'Who can read this?'), picture, says, choice);
}
