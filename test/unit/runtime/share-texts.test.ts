import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSharedTexts } from '../../../src/runtime/share-texts.ts';

describe('runtime/share-texts', () => {
  it('changes nothing that anybody can see', () => {
    const texts = createSharedTexts();
    fc.assert(
      fc.property(fc.oneof(fc.object(), fc.array(fc.anything())), (value) => {
        const before = structuredClone(value);
        texts.share(value);
        assert.deepEqual(value, before);
      }),
    );
  });

  it('goes on when there are more texts than it keeps', () => {
    const texts = createSharedTexts();
    for (let index = 0; index < 10_000; index += 1) {
      const value = { conditions: [{ message: `message ${index}` }] };
      texts.share(value);
      assert.deepEqual(value, { conditions: [{ message: `message ${index}` }] });
    }
  });

  it('leaves alone what may not be changed', () => {
    const value = Object.freeze({ message: 'as it is' });
    createSharedTexts().share(value);
    assert.deepEqual(value, { message: 'as it is' });
  });
});
