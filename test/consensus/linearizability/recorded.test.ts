import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { checkEachKey } from './check.ts';
import { registerModel } from './models/register.ts';
import { textModel } from './models/text.ts';
import { parseRegisterLog, parseTextLog } from './parse-recorded.ts';

const folder = path.join(import.meta.dirname, '..', 'histories');
const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');

describe('linearizability: recorded histories with a known verdict', function () {
  this.timeout(20_000);
  const rows = read('verdicts.csv').trim().split('\n').slice(1);

  it('has 56 of them, good and bad', () => {
    assert.equal(rows.length, 56);
    assert(rows.some((row) => row.endsWith('true')) && rows.some((row) => row.endsWith('false')));
  });

  for (const row of rows) {
    const [file = '', verdict] = row.split(',');
    it(`${verdict === 'true' ? 'accepts' : 'refuses'} ${file}`, () => {
      const kinds = file.endsWith('.log') ? judgeRegisters(file) : judgeTexts(file);
      assert(!kinds.includes('undecided'));
      assert.equal(!kinds.includes('violation'), verdict === 'true');
    });
  }
});

function judgeRegisters(file: string): readonly string[] {
  const operations = parseRegisterLog(read(file));
  assert(operations.length > 50, `${operations.length} operations understood`);
  return [...checkEachKey(registerModel, operations).values()].map(({ kind }) => kind);
}

function judgeTexts(file: string): readonly string[] {
  const operations = parseTextLog(read(file));
  assert(operations.length > 30, `${operations.length} operations understood`);
  return [...checkEachKey(textModel, operations).values()].map(({ kind }) => kind);
}
