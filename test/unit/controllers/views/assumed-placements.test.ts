import assert from 'node:assert/strict';
import type { Instance } from '../../../../src/api/generated/instance.ts';
import { createAssumedPlacements } from '../../../../src/controllers/views/assumed-placements.ts';
import type { InformerChange } from '../../../../src/runtime/informer.ts';
import { buildInstance } from '../../../support/build-objects.ts';

function start() {
  const subscribers = new Set<(change: InformerChange<Instance>) => void>();
  const assumed = createAssumedPlacements({
    subscribe(changed) {
      subscribers.add(changed);
      return () => subscribers.delete(changed);
    },
  });
  const tell = (after: Instance | undefined): void => {
    const change = { key: 'default/web', ...(after === undefined ? {} : { after }) };
    for (const subscriber of subscribers) subscriber(change);
  };
  return { assumed, tell, subscribers };
}

describe('controllers/views/assumed-placements', () => {
  const unplaced = buildInstance('web');

  it('counts a decision until the cache shows it', () => {
    const { assumed, tell } = start();
    assumed.assume('default/web', 'a');
    tell(unplaced);
    assert.equal(assumed.memberOf(unplaced), 'a');
    const placed = buildInstance('web', { status: { member: 'b' } });
    tell(placed);
    assert.deepEqual([assumed.memberOf(placed), assumed.memberOf(unplaced)], ['b', undefined]);
  });

  it('drops a decision that was not committed, or whose instance is gone', () => {
    const { assumed, tell, subscribers } = start();
    assumed.assume('default/web', 'a');
    assumed.forget('default/web');
    assert.equal(assumed.memberOf(unplaced), undefined);
    assumed.assume('default/web', 'a');
    tell(undefined);
    assert.equal(assumed.memberOf(unplaced), undefined);
    assumed.close();
    assert.equal(subscribers.size, 0);
  });
});
