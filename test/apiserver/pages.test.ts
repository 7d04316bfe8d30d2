import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type TestBody, type TestClient, createTestClient } from '../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../support/api-server.ts';

const names = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
/** What goes on between two pages. */
const change = fc.record({ name: names, isDeleted: fc.boolean() });

describe('pages of a list', function () {
  this.timeout(60_000);
  let server: TestApiServer;
  let api: TestClient;
  const made = { count: 0 };

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
  });
  after(async () => {
    await api.close();
    await server.close();
  });

  it('show one moment together, whatever is written meanwhile', async () => {
    const plan = fc.record({
      present: fc.uniqueArray(names, { maxLength: 12 }),
      limit: fc.integer({ min: 1, max: 5 }),
      changes: fc.array(change, { maxLength: 12 }),
      isSelected: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ present, limit, changes, isSelected }) => {
        const collection = await createNamespace();
        const labels = (index: number): object => (index % 2 === 0 ? { even: 'yes' } : {});
        for (const [index, name] of present.entries()) {
          await api.send('POST', collection, { metadata: { name, labels: labels(index) } });
        }
        const wanted = present.filter((_, index) => !isSelected || index % 2 === 0).toSorted();
        const selector = isSelected ? '&labelSelector=even%3Dyes' : '';
        const pages = await readPages(`${collection}?limit=${limit}${selector}`, async (page) => {
          const { name, isDeleted } = changes[page] ?? { name: '', isDeleted: true };
          if (name === '') return;
          if (isDeleted) await api.send('DELETE', `${collection}/${name}`);
          else await api.send('POST', collection, { metadata: { name, labels: { even: 'yes' } } });
        });
        const items = pages.flatMap(({ items: found }) => found.map(({ metadata }) => metadata.name));
        assert.deepEqual(items, wanted);
        assert.equal(new Set(pages.map(({ metadata }) => metadata.resourceVersion)).size, 1);
        checkCounts(pages, { total: wanted.length, limit, isSelected });
      }),
      { numRuns: 25 },
    );
  });

  async function createNamespace(): Promise<string> {
    made.count += 1;
    const name = `pages-${made.count}`;
    const { code, text } = await api.send('POST', '/api/v1/namespaces', { metadata: { name } });
    assert.equal(code, 201, text);
    return `/api/v1/namespaces/${name}/secrets`;
  }

  async function readPages(path: string, between: (page: number) => Promise<void>): Promise<TestBody[]> {
    const pages: TestBody[] = [];
    let token = '';
    do {
      const { code, body, text } = await api.send('GET', path + token);
      assert.equal(code, 200, text);
      pages.push(body);
      token = body.metadata.continue ? `&continue=${encodeURIComponent(body.metadata.continue)}` : '';
      await between(pages.length - 1);
    } while (token !== '');
    return pages;
  }
});

interface Counts {
  readonly total: number;
  readonly limit: number;
  readonly isSelected: boolean;
}

function checkCounts(pages: readonly TestBody[], { total, limit, isSelected }: Counts): void {
  for (const [index, { metadata }] of pages.entries()) {
    const rest = total - limit * (index + 1);
    // With a selector nobody counts what the other pages will find.
    assert.equal(metadata.remainingItemCount, isSelected || rest <= 0 ? undefined : rest);
  }
}
