import assert from 'node:assert/strict';
import type { Image } from '../../../../src/api/generated/image.ts';
import { ready } from '../../../../src/reconcilers/image/ready.ts';
import { buildCondition, buildImage, runStep } from '../../../support/build-objects.ts';

describe('reconcilers/image/ready', () => {
  const cases: { name: string; status: Image['status']; want: string }[] = [
    {
      name: 'is ready with one copy',
      status: { members: [{ name: 'a', state: 'Ready' }] },
      want: 'settled: 1 member has it',
    },
    {
      name: 'counts copies, not fetches',
      status: {
        members: [
          { name: 'a', state: 'Ready' },
          { name: 'b', state: 'Ready' },
          { name: 'c', state: 'Fetching' },
        ],
      },
      want: 'settled: 2 members have it',
    },
    {
      name: 'waits for the import',
      status: { members: [] },
      want: 'blocked: NotImported: member a has not imported busybox.tar.xz yet',
    },
    {
      name: 'says why the import failed',
      status: {
        members: [],
        conditions: [buildCondition('Imported', { status: 'False', message: 'no such file' })],
      },
      want: 'blocked: ImportFailed: no such file',
    },
    {
      name: 'says what a member that failed said',
      status: { members: [{ name: 'a', state: 'Failed', message: 'the digest differs' }] },
      want: 'blocked: ImportFailed: the digest differs',
    },
  ];
  for (const { name, status, want } of cases) {
    it(name, async () => {
      const outcome = await runStep(ready, buildImage('busybox', { status: { ...status } }), undefined);
      assert.equal(outcome, want);
    });
  }
});
