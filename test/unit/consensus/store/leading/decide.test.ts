import assert from 'node:assert/strict';

import { decide, startDraft, type Draft } from '../../../../../src/consensus/store/leading/decide.ts';
import type { StoredEntry, Transaction } from '../../../../../src/consensus/store/store.ts';
import { put, remove } from '../../../../support/store-contract.ts';

const stored: StoredEntry = { key: '/a', value: Buffer.from('1'), revision: 4 };

function decideOne(transaction: Transaction, draft: Draft = startDraft(7)): unknown {
  const { result, write } = decide(transaction, 't', draft, (key) => (key === '/a' ? stored : undefined));
  return [result, write?.operations.map(({ kind, key }) => `${kind} ${key}`)];
}

describe('consensus/store/leading/decide', () => {
  const cases: { readonly name: string; readonly transaction: Transaction; readonly want: unknown }[] = [
    {
      name: 'gives an unconditional write the next revision',
      transaction: { conditions: [], operations: [put('/b', 'x')] },
      want: [{ kind: 'committed', revision: 8 }, ['put /b']],
    },
    {
      name: 'accepts a condition that holds',
      transaction: { conditions: [{ key: '/a', revision: 4 }], operations: [put('/a', 'x')] },
      want: [{ kind: 'committed', revision: 8 }, ['put /a']],
    },
    {
      name: 'refuses a condition on an older revision and tells the present one',
      transaction: { conditions: [{ key: '/a', revision: 3 }], operations: [put('/a', 'x')] },
      want: [{ kind: 'conflict', key: '/a', revision: 4 }, undefined],
    },
    {
      name: 'refuses to create what exists',
      transaction: { conditions: [{ key: '/a', revision: 0 }], operations: [put('/a', 'x')] },
      want: [{ kind: 'conflict', key: '/a', revision: 4 }, undefined],
    },
    {
      name: 'refuses to change what does not exist',
      transaction: { conditions: [{ key: '/b', revision: 2 }], operations: [put('/b', 'x')] },
      want: [{ kind: 'conflict', key: '/b', revision: 0 }, undefined],
    },
    {
      name: 'writes nothing to delete what does not exist',
      transaction: { conditions: [], operations: [remove('/b')] },
      want: [{ kind: 'committed', revision: 7 }, undefined],
    },
    {
      name: 'drops only the deletion that changes nothing',
      transaction: { conditions: [], operations: [remove('/b'), remove('/a')] },
      want: [{ kind: 'committed', revision: 8 }, ['delete /a']],
    },
  ];
  for (const { name, transaction, want } of cases) {
    it(name, () => assert.deepEqual(decideOne(transaction), want));
  }

  it('sees what was decided before it in the same batch', () => {
    const draft = startDraft(7);
    decideOne({ conditions: [], operations: [put('/b', 'x'), remove('/a')] }, draft);
    const again = { conditions: [{ key: '/a', revision: 0 }], operations: [put('/a', 'y')] };
    assert.deepEqual(decideOne(again, draft), [{ kind: 'committed', revision: 9 }, ['put /a']]);
    const late = { conditions: [{ key: '/b', revision: 0 }], operations: [put('/b', 'y')] };
    assert.deepEqual(decideOne(late, draft), [{ kind: 'conflict', key: '/b', revision: 8 }, undefined]);
  });

  it('takes a key written twice for a bug of the caller', () => {
    assert.throws(() => decideOne({ conditions: [], operations: [put('/b', 'x'), remove('/b')] }));
  });
});
