import { isDeepStrictEqual } from 'node:util';
import { apiError } from '../../api/api-error.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { type Pointer, parsePointer } from './json-pointer.ts';

interface Operation {
  readonly op: 'add' | 'copy' | 'move' | 'remove' | 'replace' | 'test';
  readonly path: Pointer;
  readonly from: Pointer;
  readonly value: unknown;
}

const operationNames = ['add', 'copy', 'move', 'remove', 'replace', 'test'] as const;
const maxOperations = 10_000;
const maxCopiedSize = 3 * 1024 * 1024; // as much as a body may have

/**
 * RFC 6902 on a copy: all operations or none, and the argument stays as it is. Keys are only ever own properties, so
 * no path reaches a prototype.
 */
export function applyJsonPatch(target: JsonObject, patch: unknown): unknown {
  const operations = parseOperations(patch);
  const copies = { size: 0 };
  return operations.reduce<unknown>((root, operation) => {
    if (operation.op === 'copy') countCopy(copies, valueAt(root, operation.from));
    return applyOperation(root, operation);
  }, structuredClone(target));
}

/** Thirty copies of a value into itself make a billion of it: what is copied counts as if it had been sent. */
function countCopy(copies: { size: number }, value: unknown): void {
  copies.size += sizeOf(value, maxCopiedSize - copies.size);
  if (copies.size <= maxCopiedSize) return;
  const message = `the copies of the JSON patch grow beyond ${maxCopiedSize} bytes`;
  throw apiError('RequestEntityTooLarge', message);
}

/** Roughly the length of the value as JSON; stops counting soon after the limit. */
function sizeOf(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 4;
  let size = 2;
  for (const [key, member] of Object.entries(value)) {
    size += (Array.isArray(value) ? 1 : key.length + 4) + sizeOf(member, limit - size);
    if (size > limit) break;
  }
  return size;
}

function parseOperations(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw malformed('a JSON patch must be an array');
  if (patch.length > maxOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`;
    throw apiError('RequestEntityTooLarge', message);
  }
  return patch.map(parseOperation);
}

function parseOperation(operation: unknown): Operation {
  if (!isJsonObject(operation)) throw malformed('each operation must be an object');
  const op = operationNames.find((name) => name === operation['op']);
  if (op === undefined) throw malformed(`unknown operation ${JSON.stringify(operation['op'])}`);
  const needsFrom = op === 'copy' || op === 'move';
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && !Object.hasOwn(operation, 'value')) throw malformed(`"${op}" needs a value`);
  return {
    op,
    path: readPointer(operation['path']),
    from: needsFrom ? readPointer(operation['from']) : [],
    value: operation['value'],
  };
}

function readPointer(text: unknown): Pointer {
  const pointer = typeof text === 'string' ? parsePointer(text) : undefined;
  if (pointer === undefined) throw malformed(`${JSON.stringify(text)} is not a JSON pointer`);
  return pointer;
}

function applyOperation(root: unknown, { op, path, from, value }: Operation): unknown {
  switch (op) {
    case 'add':
      return addAt(root, path, structuredClone(value));
    case 'replace':
      if (path.length === 0) return structuredClone(value);
      return addAt(removeAt(root, path), path, structuredClone(value));
    case 'remove':
      return removeAt(root, path);
    case 'copy':
      return addAt(root, path, structuredClone(valueAt(root, from)));
    case 'move':
      if (isPrefix(from, path)) {
        if (from.length === path.length) return root;
        throw inapplicable();
      }
      return moveTo(root, from, path);
    case 'test':
      if (!isDeepStrictEqual(valueAt(root, path), value)) throw inapplicable();
      return root;
  }
}

function moveTo(root: unknown, from: Pointer, path: Pointer): unknown {
  const moved = valueAt(root, from);
  return addAt(removeAt(root, from), path, moved);
}

function isPrefix(prefix: Pointer, path: Pointer): boolean {
  return prefix.every((segment, index) => segment === path[index]);
}

function valueAt(root: unknown, path: Pointer): unknown {
  return path.reduce<unknown>((parent, segment) => {
    if (Array.isArray(parent)) return parent[indexOf(segment, parent.length - 1)] as unknown;
    if (!isJsonObject(parent) || !Object.hasOwn(parent, segment)) throw inapplicable();
    return parent[segment];
  }, root);
}

function addAt(root: unknown, path: Pointer, value: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = valueAt(root, path.slice(0, -1));
  if (Array.isArray(parent)) {
    parent.splice(last === '-' ? parent.length : indexOf(last, parent.length), 0, value);
  } else if (isJsonObject(parent) && last !== '__proto__') {
    parent[last] = value;
  } else {
    throw inapplicable();
  }
  return root;
}

function removeAt(root: unknown, path: Pointer): unknown {
  const last = path.at(-1);
  if (last === undefined) return null;
  const parent = valueAt(root, path.slice(0, -1));
  if (Array.isArray(parent)) {
    parent.splice(indexOf(last, parent.length - 1), 1);
  } else if (isJsonObject(parent) && Object.hasOwn(parent, last)) {
    Reflect.deleteProperty(parent, last);
  } else {
    throw inapplicable();
  }
  return root;
}

function indexOf(segment: string, highest: number): number {
  const index = /^(?:0|[1-9]\d*)$/.test(segment) ? Number(segment) : -1;
  if (index < 0 || index > highest) throw inapplicable();
  return index;
}

function malformed(problem: string): Error {
  return apiError('BadRequest', `error decoding patch: ${problem}`);
}

// The words of the Kubernetes API server, which names neither the operation nor the path.
function inapplicable(): Error {
  return apiError('Invalid', 'the server rejected our request due to an error in our request', {});
}
