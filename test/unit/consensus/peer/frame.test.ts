import assert from 'node:assert/strict';

import fc from 'fast-check';

import { encodeFrame, FrameReader } from '../../../../src/consensus/peer/frame.ts';
import {
  decodeEntries,
  decodeFailure,
  decodeRevisions,
  decodeTransaction,
  encodeEntries,
  encodeFailure,
  encodeRevisions,
  encodeTransaction,
  type Encoded,
} from '../../../../src/consensus/peer/messages.ts';
import { ConsensusError } from '../../../../src/consensus/consensus-error.ts';
import { put, remove } from '../../../support/store-contract.ts';

function through(
  encoded: Encoded,
): readonly [Readonly<Record<string, unknown>> & { kind: 'push' }, Uint8Array] {
  const [frame] = new FrameReader().push(encodeFrame({ kind: 'push', ...encoded.fields }, encoded.payload));
  assert.ok(frame);
  return [{ ...frame.header, kind: 'push' }, frame.payload];
}

describe('consensus/peer/frame', () => {
  it('reads back what was written, however the bytes arrive', () => {
    const frames = fc.array(fc.record({ text: fc.string(), payload: fc.uint8Array() }), { minLength: 1 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 40 }), (list, size) => {
        const bytes = Buffer.concat(
          list.map(({ text, payload }) => encodeFrame({ kind: 'push', text }, payload)),
        );
        const reader = new FrameReader();
        const read = [];
        for (let start = 0; start < bytes.length; start += size) {
          read.push(...reader.push(bytes.subarray(start, start + size)));
        }
        assert.deepEqual(
          read.map(({ header, payload }) => ({ text: header['text'], payload: [...payload] })),
          list.map(({ text, payload }) => ({ text, payload: [...payload] })),
        );
      }),
    );
  });

  it('refuses lengths that no member sends', () => {
    assert.throws(() => new FrameReader().push(Buffer.alloc(8, 0xff)));
  });
});

describe('consensus/peer/messages', () => {
  it('carries revisions', () => {
    const batch = [
      { revision: 4, transactionId: 'a.1', operations: [put('/ä', 'eins'), remove('/b')] },
      { revision: 5, transactionId: 'a.2', operations: [put('/c', '')] },
    ];
    assert.deepEqual(decodeRevisions(...through(encodeRevisions(batch))), asBytes(batch));
  });

  it('carries entries', () => {
    const entries = [{ key: '/a', revision: 3, value: Buffer.from('x') }];
    assert.deepEqual(decodeEntries(...through(encodeEntries(entries))), asBytes(entries));
  });

  it('carries a transaction', () => {
    const transaction = { conditions: [{ key: '/a', revision: 0 }], operations: [put('/a', 'x')], term: 2 };
    const decoded = decodeTransaction(...through(encodeTransaction(transaction, 'run.1')));
    assert.deepEqual(decoded, asBytes({ transaction, transactionId: 'run.1' }));
  });

  it('refuses a transaction id that could not stand in a statement', () => {
    const encoded = encodeTransaction({ conditions: [], operations: [] }, `x'); DROP TABLE log; --`);
    assert.throws(() => decodeTransaction(...through(encoded)), /wrong form/);
  });

  it('refuses a payload that is cut short', () => {
    const { fields } = encodeEntries([{ key: '/a', revision: 3, value: Buffer.from('xyz') }]);
    assert.throws(() => decodeEntries(...through({ fields, payload: Buffer.from('x') })), /cut short/);
  });

  it('carries a failure with its code', () => {
    const fields = encodeFailure(new ConsensusError('Fenced', 'committing'));
    const failure = decodeFailure({ kind: 'failure', ...fields });
    assert.deepEqual(
      [failure.code, failure.message],
      ['Fenced', '[Fenced] committing (answered by the leader)'],
    );
  });
});

/** Buffers and plain byte arrays are different to `deepEqual`. */
function asBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(asBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asBytes(part)]));
}
