import { createInMemoryStore } from '../../../support/in-memory-store.ts';
import { describeStoreContract } from '../../../support/store-contract.ts';

describe('support/in-memory-store', () => {
  const store = createInMemoryStore();
  describeStoreContract(() => ({ store, prefix: '/contract/' }));
});
