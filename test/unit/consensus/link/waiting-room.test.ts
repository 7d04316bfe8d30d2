import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';

import { createWaitingRoom } from '../../../../src/consensus/link/waiting-room.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

function buildConnection(): Duplex {
  return new Duplex({ read: () => undefined });
}

describe('consensus/link/waiting-room', () => {
  it('destroys what stays too long, and spares what left in time', async () => {
    const clock = new FakeClock();
    const admit = createWaitingRoom(clock, { connections: 8, timeoutMs: 100 });
    const [quick, slow] = [buildConnection(), buildConnection()];
    const leave = admit(quick);
    admit(slow);
    await clock.advance(99);
    leave();
    await clock.advance(1);
    assert.deepEqual([quick.destroyed, slow.destroyed], [false, true]);
  });

  it('lets the newest in and the one that waited longest go', () => {
    const admit = createWaitingRoom(new FakeClock(), { connections: 2, timeoutMs: 100 });
    const all = Array.from({ length: 4 }, buildConnection);
    for (const connection of all) admit(connection);
    assert.deepEqual(
      all.map(({ destroyed }) => destroyed),
      [true, true, false, false],
    );
  });
});
