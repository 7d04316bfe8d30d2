import assert from 'node:assert/strict';

import { judgeAdmission, type VoterSpace } from '../../../../src/consensus/space/admission.ts';
import type { DiskLevel } from '../../../../src/consensus/space/disk-level.ts';

type Level = DiskLevel | 'gone';
const voter = (level: Level, index: number): VoterSpace => ({
  name: `n${index + 1}`,
  level: level === 'gone' ? undefined : level,
});

describe('consensus/space/admission', () => {
  // The first one leads.
  const cases: readonly (readonly [readonly Level[], DiskLevel, string[], string[]?])[] = [
    [['ok'], 'ok', []],
    [['low'], 'low', ['n1']],
    [['full'], 'full', ['n1']],
    [['ok', 'low', 'ok'], 'ok', []],
    [['ok', 'full', 'ok'], 'ok', []],
    [['ok', 'low', 'low'], 'low', ['n2', 'n3']],
    [['ok', 'full', 'low'], 'low', ['n2', 'n3']],
    [['ok', 'full', 'full'], 'full', ['n2', 'n3']],
    // Whoever leads writes first, and gives that away.
    [['low', 'ok', 'ok'], 'ok', [], ['n2', 'n3']],
    [['low', 'low', 'ok'], 'low', ['n1', 'n2'], ['n3']],
    [['full', 'ok', 'ok'], 'full', ['n1'], ['n2', 'n3']],
    [['low', 'low', 'full'], 'low', ['n1', 'n2', 'n3']],
    // A majority is made of those that are there.
    [['ok', 'gone', 'ok'], 'ok', []],
    [['ok', 'gone', 'low'], 'low', ['n3']],
    [['ok', 'low', 'full', 'ok', 'ok'], 'ok', []],
    [['ok', 'low', 'full', 'ok', 'gone'], 'low', ['n2', 'n3']],
  ];
  for (const [[own = 'ok', ...others], level, short, heirs = []] of cases) {
    it(`takes ${level} from voters that are ${[own, ...others].join(', ')}`, () => {
      const all = others.map((one, index) => voter(one, index + 1));
      assert.deepEqual(judgeAdmission(voter(own, 0), all), { level, short, heirs });
    });
  }
});
