import assert from 'node:assert/strict';
import { rotateAuthority, type RotateFlags } from '../../../src/cli/commands/rotate-authority.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';

describe('cli: muster cluster rotate-authority', () => {
  const wrong: readonly (readonly [RotateFlags, RegExp])[] = [
    [{ now: true, cancel: true }, /^--now and --cancel exclude each other$/],
    [{ endIn: '1d', now: true }, /^--end-in and --now exclude each other$/],
    [{ endIn: 'soon' }, /^--end-in: "soon" is not a duration: write numbers with the units/],
    [{ endIn: '' }, /^--end-in: the former authority has to end within a year; write for example "30d"$/],
    [{ endIn: '2y' }, /within a year/],
    [{ endIn: '30d' }, /^no cluster is named: pass --kubeconfig FILE or set KUBECONFIG$/],
  ];
  for (const [flags, want] of wrong) {
    it(`refuses ${JSON.stringify(flags)}`, async () => {
      await assert.rejects(rotateAuthority(flags), (error: unknown) => {
        assert(error instanceof UsageError);
        assert.match(error.message, want);
        return true;
      });
    });
  }
});
