import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { mutationVariable, secondLines, type SecondLine } from './mutation.ts';
import { rewrite } from './rewrite.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const preload = path.join(import.meta.dirname, 'preload.ts');
const limitMs = 60_000;

/** What clients cannot tell from the line before it has a test that looks at it alone, and that test is tried here. */
describe('mutations of the second line', function () {
  this.timeout(2 * limitMs);
  for (const line of secondLines) {
    it(`finds that ${line.name}`, async () => {
      assert.equal(await countFailures(line, false), 0, 'the test fails without the mutation');
      assert.equal(await countFailures(line, true), 1);
    });

    it(`finds what it changes for "${line.name}", once`, () => {
      for (const edit of line.edits) {
        const source = readFileSync(path.join(root, edit.file), 'utf8');
        assert.notEqual(rewrite(source, edit), source);
      }
    });
  }
});

async function countFailures({ edits, test }: SecondLine, isBroken: boolean): Promise<number> {
  const args = ['--no-config', '--reporter', 'json', '--grep', test.title, path.join(root, test.file)];
  const env = {
    ...process.env,
    ...(isBroken
      ? { [mutationVariable]: JSON.stringify({ edits }), NODE_OPTIONS: `--import ${preload}` }
      : {}),
  };
  const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const { promise, resolve } = Promise.withResolvers<string>();
  // It exits with the number of failures, which is no error here.
  execFile(process.execPath, [mocha, ...args], { cwd: root, env, timeout: limitMs }, (_error, stdout) =>
    resolve(stdout),
  );
  const { stats } = JSON.parse(await promise) as { stats: { failures: number; tests: number } };
  assert.equal(stats.tests, 1, `tests with the title "${test.title}"`);
  return stats.failures;
}
