import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { findFault } from '../faults/catalog.ts';
import { mutations } from './mutation.ts';
import { rewrite } from './rewrite.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

describe('mutations', () => {
  for (const mutation of mutations) {
    it(`finds the line of "${mutation.name}", once`, () => {
      const source = readFileSync(path.join(root, mutation.file), 'utf8');
      assert.notEqual(rewrite(source, mutation), source);
      for (const name of mutation.faults) findFault(name);
    });
  }

  it('refuses a line that is not there', () => {
    const [mutation] = mutations;
    assert(mutation !== undefined);
    assert.throws(() => rewrite('nothing of it', mutation), /has 0 times, not once/);
  });
});
