import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { findFault } from '../faults/catalog.ts';
import { mutations } from './mutation.ts';
import { rewrite } from './rewrite.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

describe('mutations', () => {
  for (const { name, edits, faults } of mutations) {
    it(`finds what it changes for "${name}", once`, () => {
      for (const edit of edits) {
        const source = readFileSync(path.join(root, edit.file), 'utf8');
        assert.notEqual(rewrite(source, edit), source);
      }
      for (const fault of faults) findFault(fault);
    });
  }

  it('refuses a piece that is not there', () => {
    const edit = { file: 'a.ts', find: 'something', replacement: '' };
    assert.throws(() => rewrite('nothing of it', edit), /a\.ts has 0 times, not once/);
  });
});
