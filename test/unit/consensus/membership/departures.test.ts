import assert from 'node:assert/strict';
import { Departures } from '../../../../src/consensus/membership/departures.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

describe('consensus/membership/departures', () => {
  function start() {
    const clock = new FakeClock();
    const departures = new Departures(clock);
    const told: string[] = [];
    departures.subscribe(() => told.push([...departures.names].join()));
    return { clock, departures, told };
  }

  it('answers when the member is let go, and knows it until it is back', async () => {
    const { departures, told } = start();
    const leaving = departures.announce('n2', 500);
    assert.deepEqual(told, ['n2']);
    departures.release(new Set(['n2', 'n3']));
    assert.equal(await leaving, true);
    assert(departures.names.has('n2'));
    departures.returned('n2');
    assert.equal(departures.names.size, 0);
  });

  it('answers in time when nobody lets it go', async () => {
    const { clock, departures } = start();
    const leaving = departures.announce('n2', 500);
    await clock.advance(600);
    assert.equal(await leaving, false);
    assert(departures.names.has('n2'));
  });

  it('forgets everybody with the term, and says so to who waits', async () => {
    const { departures } = start();
    const leaving = departures.announce('n2', 500);
    departures.clear();
    assert.equal(await leaving, false);
    assert.equal(departures.names.size, 0);
  });

  it('goes by the last time that a member said it', async () => {
    const { departures } = start();
    const first = departures.announce('n2', 500);
    const second = departures.announce('n2', 500);
    departures.release(new Set(['n2']));
    assert.deepEqual(await Promise.all([first, second]), [false, true]);
  });
});
