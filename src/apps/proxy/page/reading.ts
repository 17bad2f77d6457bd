// SPDX-License-Identifier: Apache-2.0
// Strict readers of what the proxy answers: an object has exactly the members that are named, each of its kind.
// Whatever else comes is an error with the path of the first thing that is wrong.

export class Unreadable extends Error {}

/** A reader takes a value and where it stands, and gives it back as what it is. */
export type Reader<T> = (value: unknown, path: string) => T;

type Of<R> = R extends Reader<infer T> ? T : never;

function refuse(path: string, wanted: string): never {
  throw new Unreadable(`${path}: ${wanted}`);
}

export function object<R extends Record<string, Reader<unknown>>>(readers: R): Reader<{ [K in keyof R]: Of<R[K]> }> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'is no object');
    const members = value as Record<string, unknown>;
    for (const name of Object.keys(members)) if (!Object.hasOwn(readers, name)) refuse(`${path}.${name}`, 'is unknown');
    const out: Record<string, unknown> = {};
    for (const [name, reader] of Object.entries(readers)) {
      if (!Object.hasOwn(members, name)) refuse(`${path}.${name}`, 'is missing');
      out[name] = reader(members[name], `${path}.${name}`);
    }
    return out as { [K in keyof R]: Of<R[K]> };
  };
}

export function list<T>(reader: Reader<T>, least: number, most: number): Reader<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) refuse(path, 'is no list');
    if (value.length < least || value.length > most) refuse(path, `has ${value.length} entries`);
    return value.map((one, index) => reader(one, `${path}[${index}]`));
  };
}

export function orNull<T>(reader: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : reader(value, path));
}

export function oneOf<const T extends string>(...names: T[]): Reader<T> {
  return (value, path) => {
    const found = names.find((name) => name === value);
    return found ?? refuse(path, `is none of ${names.join(', ')}`);
  };
}

export function text(pattern: RegExp, most: number): Reader<string> {
  return (value, path) => {
    if (typeof value !== 'string') refuse(path, 'is no text');
    if (value.length > most || !pattern.test(value)) refuse(path, 'has another form');
    return value;
  };
}

export const integer: Reader<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) refuse(path, 'is no integer');
  return value;
};

export const count: Reader<number> = (value, path) => {
  const found = integer(value, path);
  return found >= 0 ? found : refuse(path, 'is negative');
};

export const hex: Reader<string> = text(/^[0-9a-f]{64}$/, 64);
export const printable = text(/^[ -~]*$/, 203);

/** RFC 3339 in UTC, whole seconds; a day that does not exist is refused. */
export const time: Reader<Date> = (value, path) => {
  const written = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 20)(value, path);
  const found = new Date(written);
  if (Number.isNaN(found.getTime()) || found.toISOString().replace('.000', '') !== written) refuse(path, 'is no time');
  return found;
};

/**
 * read parses a JSON text that was written in one way only: compact, members in the order of the writer. What differs
 * from that (a member twice, another spelling of a number) is refused, so that a text has one meaning for everybody.
 */
export function read<T>(reader: Reader<T>, json: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Unreadable('no JSON');
  }
  const out = reader(value, '$');
  if (JSON.stringify(value) !== json) throw new Unreadable('written in another form');
  return out;
}
