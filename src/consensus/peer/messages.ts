import { ConsensusError, isConsensusError, type ConsensusErrorCode } from '../consensus-error.ts';
import type { CommittedRevision } from '../store/state/store-state.ts';
import type { Condition, StoredEntry, Transaction, WriteOperation } from '../store/store.ts';
import type { Header } from './frame.ts';

/** `[key, bytes]` for a put, whose value is the next part of the payload; `[key]` for a delete. */
type OperationParts = readonly [string] | readonly [string, number];
type RevisionParts = readonly [number, string, readonly OperationParts[]];
type EntryParts = readonly [string, number, number];

export interface Encoded {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

// The id stands in the text of a statement; it comes from another member, so it is not just believed.
const transactionIdForm = /^[\w.-]{1,64}$/;

export function encodeRevisions(batch: readonly CommittedRevision[]): Encoded {
  const revisions = batch.map(({ revision, transactionId, operations }) => [
    revision,
    transactionId,
    operations.map(operationParts),
  ]);
  return { fields: { revisions }, payload: joinValues(batch.flatMap(({ operations }) => operations)) };
}

export function decodeRevisions(header: Header, payload: Uint8Array): readonly CommittedRevision[] {
  const values = new ValueReader(payload);
  return (header['revisions'] as readonly RevisionParts[]).map(([revision, transactionId, operations]) => ({
    revision,
    transactionId,
    operations: operations.map((parts) => readOperation(parts, values)),
  }));
}

export function encodeEntries(entries: readonly StoredEntry[]): Encoded {
  const parts = entries.map(({ key, revision, value }) => [key, revision, value.byteLength]);
  return { fields: { entries: parts }, payload: Buffer.concat(entries.map(({ value }) => value)) };
}

export function decodeEntries(header: Header, payload: Uint8Array): readonly StoredEntry[] {
  const values = new ValueReader(payload);
  return (header['entries'] as readonly EntryParts[]).map(([key, revision, bytes]) => ({
    key,
    revision,
    value: values.next(bytes),
  }));
}

export function encodeTransaction(transaction: Transaction, transactionId: string): Encoded {
  const { conditions, operations, term, isRemoval } = transaction;
  const fields = {
    transactionId,
    conditions: conditions.map(({ key, revision }) => [key, revision]),
    operations: operations.map(operationParts),
    ...(term === undefined ? {} : { term }),
    ...(isRemoval === undefined ? {} : { isRemoval }),
  };
  return { fields, payload: joinValues(operations) };
}

export function decodeTransaction(
  header: Header,
  payload: Uint8Array,
): { readonly transaction: Transaction; readonly transactionId: string } {
  const values = new ValueReader(payload);
  const transactionId = String(header['transactionId']);
  if (!transactionIdForm.test(transactionId)) {
    throw new ConsensusError('Closed', 'reading a transaction whose id has a wrong form');
  }
  const conditions = (header['conditions'] as readonly (readonly [string, number])[]).map(
    ([key, revision]): Condition => ({ key, revision }),
  );
  const operations = (header['operations'] as readonly OperationParts[]).map((parts) =>
    readOperation(parts, values),
  );
  const term = header['term'] as number | undefined;
  const transaction = {
    ...{ conditions, operations },
    ...(term === undefined ? {} : { term }),
    ...(header['isRemoval'] === true ? { isRemoval: true as const } : {}),
  };
  return { transaction, transactionId };
}

export function encodeFailure(error: unknown): Readonly<Record<string, unknown>> {
  if (isConsensusError(error)) return { code: error.code, message: error.message };
  return { code: 'Unknown', message: error instanceof Error ? error.message : String(error) };
}

export function decodeFailure(header: Header): ConsensusError {
  // The message carries the code in front already, as this side will write it again.
  const doing = String(header['message']).replace(/^\[\w+\] /, '');
  return new ConsensusError(header['code'] as ConsensusErrorCode, `${doing} (answered by the leader)`);
}

function operationParts(operation: WriteOperation): OperationParts {
  return operation.kind === 'put' ? [operation.key, operation.value.byteLength] : [operation.key];
}

function readOperation([key, bytes]: OperationParts, values: ValueReader): WriteOperation {
  return bytes === undefined ? { kind: 'delete', key } : { kind: 'put', key, value: values.next(bytes) };
}

function joinValues(operations: readonly WriteOperation[]): Uint8Array {
  return Buffer.concat(
    operations.flatMap((operation) => (operation.kind === 'put' ? [operation.value] : [])),
  );
}

/** Copies values out of a payload, so that one long-lived value does not keep the whole frame alive. */
class ValueReader {
  readonly #payload: Uint8Array;
  #offset = 0;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
  }

  next(bytes: number): Uint8Array {
    const end = this.#offset + bytes;
    if (end > this.#payload.byteLength)
      throw new ConsensusError('Closed', 'reading a frame that is cut short');
    const value = new Uint8Array(this.#payload.subarray(this.#offset, end));
    this.#offset = end;
    return value;
  }
}
