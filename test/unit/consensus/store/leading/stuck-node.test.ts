import assert from 'node:assert/strict';

import { StuckNode, type NodeSight } from '../../../../../src/consensus/store/leading/stuck-node.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const led: NodeSight = {
  ...{ leaderId: '2', isFollowing: true, hasFailed: false, isDiskFull: false },
  isSpare: () => false,
};
const deaf: NodeSight = { ...led, leaderId: undefined };
const failing: NodeSight = { ...led, leaderId: '1', isFollowing: false, hasFailed: true };
const alone: NodeSight = { ...deaf, isFollowing: false };
const spare: NodeSight = { ...deaf, isSpare: () => true };
const full: NodeSight = { ...alone, isDiskFull: true };

/** What is said at the end of the sights, each of which lasts 12 s in looks of one. */
async function judge(sights: readonly NodeSight[]): Promise<boolean> {
  const clock = new FakeClock();
  const node = new StuckNode(clock);
  let isStuck = false;
  for (const sight of sights) {
    for (let second = 0; second < 12; second += 1) {
      isStuck = node.look(sight) !== undefined || isStuck;
      await clock.advance(1_000);
    }
  }
  return isStuck;
}

describe('consensus/store/leading/stuck-node', () => {
  it('asks for the role only where it matters', () => {
    const node = new StuckNode(new FakeClock());
    const isSpare = (): boolean => assert.fail('asked');
    node.look({ ...deaf, isSpare });
    node.look({ ...led, isSpare });
    assert.throws(() => node.look({ ...deaf, isSpare }), /asked/);
  });

  const cases: readonly { name: string; sights: readonly NodeSight[]; want: boolean }[] = [
    { name: 'leaves a node alone that follows', sights: [led, led], want: false },
    { name: 'leaves a spare alone, which never hears of a leader', sights: [deaf, deaf, deaf], want: false },
    {
      name: 'leaves one alone that had another role before',
      sights: [led, spare, spare, spare],
      want: false,
    },
    {
      name: 'leaves a spare alone that follows nobody, at any length',
      sights: [led, ...Array.from({ length: 7 }, () => ({ ...spare, isFollowing: false }))],
      want: false,
    },
    {
      name: 'leaves a former spare alone that has not heard of a leader yet',
      sights: [led, spare, deaf, deaf, deaf],
      want: false,
    },
    { name: 'sees a former spare that has', sights: [led, spare, led, deaf, deaf], want: true },
    { name: 'gives an election time', sights: [led, deaf, led, deaf], want: false },
    { name: 'sees a node that hears of no leader while there is one', sights: [led, deaf, deaf], want: true },
    {
      name: 'waits while nobody leads',
      sights: [led, alone, alone],
      want: false,
    },
    { name: 'does not wait for ever', sights: [led, alone, alone, alone, alone, alone, alone], want: true },
    {
      name: 'waits until a full disk has room',
      sights: [led, full, full, full, full, full, full],
      want: false,
    },
    { name: 'sees a node that stays alone when its disk has room again', sights: [full, alone], want: true },
    { name: 'leaves a node alone that goes on after that', sights: [full, led, alone], want: false },
    { name: 'sees a leader that takes no write', sights: [led, failing], want: true },
  ];
  for (const { name, sights, want } of cases) {
    it(name, async () => assert.equal(await judge(sights), want));
  }

  it('says it once, and looks anew', async () => {
    const clock = new FakeClock();
    const node = new StuckNode(clock);
    node.look(failing);
    await clock.advance(10_000);
    assert.notEqual(node.look(failing), undefined);
    assert.equal(node.look(failing), undefined);
  });
});
