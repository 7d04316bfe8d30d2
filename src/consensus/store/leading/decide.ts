import assert from 'node:assert/strict';

import type { CommittedRevision } from '../state/store-state.ts';
import type { CommitResult, StoredEntry, Transaction, WriteOperation } from '../store.ts';

/** One transaction has to fit into one statement, which takes two parameters a row and 255 at most. */
export const operationLimit = 120;

/** What the batch under construction has decided so far, on top of the committed state. */
export interface Draft {
  revision: number;
  /** Revision of the last write of each key that the batch touches; 0 when deleted. */
  readonly touched: Map<string, number>;
}

export interface Decision {
  readonly result: CommitResult;
  /** What has to be written for it; absent when nothing changes. */
  readonly write?: CommittedRevision;
  /** The transaction was committed before. */
  readonly isRepeat?: true;
}

export function startDraft(revision: number): Draft {
  return { revision, touched: new Map() };
}

/**
 * Decides one transaction against the state and what was decided before it in the same batch, and
 * notes its effect in the draft. The answer holds only once the batch is committed.
 */
export function decide(
  transaction: Transaction,
  transactionId: string,
  draft: Draft,
  read: (key: string) => StoredEntry | undefined,
): Decision {
  const revisionOf = (key: string): number => draft.touched.get(key) ?? read(key)?.revision ?? 0;
  for (const { key, revision } of transaction.conditions) {
    const held = revisionOf(key);
    if (held !== revision) return { result: { kind: 'conflict', key, revision: held } };
  }
  assertWellFormed(transaction);
  // Deleting what is not there changes nothing, and a revision without a change would leave no row.
  const operations = transaction.operations.filter(
    ({ kind, key }) => kind === 'put' || revisionOf(key) !== 0,
  );
  if (operations.length === 0) return { result: { kind: 'committed', revision: draft.revision } };
  const revision = draft.revision + 1;
  draft.revision = revision;
  for (const { kind, key } of operations) draft.touched.set(key, kind === 'put' ? revision : 0);
  return { result: { kind: 'committed', revision }, write: { revision, transactionId, operations } };
}

/** Callers are layers of our own: a malformed transaction is a bug there. */
export function assertWellFormed({ operations }: { readonly operations: readonly WriteOperation[] }): void {
  assert(operations.length <= operationLimit, `a transaction of ${operations.length} operations`);
  assert.equal(new Set(operations.map(({ key }) => key)).size, operations.length, 'a key written twice');
}
