// SPDX-License-Identifier: Apache-2.0
// Elements are made of names, attributes and text. Nothing that comes from outside is ever read as markup.

import type { State } from './verdict';

type Child = Node | string | null;

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const out = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) out.setAttribute(key, value);
  out.append(...children.filter((child) => child !== null));
  return out;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** A list of names and values; a null value is left out. */
export function facts(...rows: [string, Child][]): HTMLElement {
  const out = element('dl', { class: 'facts' });
  for (const [name, value] of rows)
    if (value !== null) out.append(element('div', {}, element('dt', {}, name), element('dd', {}, value)));
  return out;
}

export function digest(value: string): HTMLElement {
  return element('code', { class: 'digest' }, value);
}

export const STATE_NAMES: Record<State | 'not_checked', string> = {
  verified: 'Verified',
  verified_with_notes: 'Verified with notes',
  not_verified: 'Not verified',
  incomplete: 'Incomplete',
  simulated: 'Simulated',
  not_checked: 'Not checked',
};

/** The state in words, beside its mark and colour. */
export function badge(state: State): HTMLElement {
  return element('span', { class: 'badge', 'data-state': state }, STATE_NAMES[state]);
}

export function utc(time: Date): string {
  return time.toISOString().replace('.000', '').replace('T', ' ').replace('Z', ' UTC');
}

/** How long, in the two largest units. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}

export function bytes(size: number): string {
  return size < 10_000 ? `${size} B` : `${(size / 1000).toFixed(1)} kB`;
}
