import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../..');

describe('docs/kubernetes-compatibility.md', () => {
  it('names only tests that exist', () => {
    const text = readFileSync(path.join(root, 'docs/kubernetes-compatibility.md'), 'utf8');
    const files = [...text.matchAll(/`(test\/[^`]+\.ts)`/gu)].map(([, file = '']) => file);
    assert.notEqual(files.length, 0);
    assert.deepEqual(
      files.filter((file) => !existsSync(path.join(root, file))),
      [],
    );
  });
});
