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

  it('hold more rows than asked for once somebody goes through a long table, and never more objects', async () => {
    const collection = await createNamespace();
    await fill(collection, 3_000);
    const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
    const sizesOf = async (limit: number, headers: Record<string, string>): Promise<number[]> => {
      const pages = await readPages(`${collection}?limit=${limit}`, () => Promise.resolve(), headers);
      const names = pages.flatMap((page) => itemsOf(page));
      assert.equal(new Set(names).size, 3_000);
      return pages.map((page) => itemsOf(page).length);
    };
    assert.deepEqual(await sizesOf(500, table), [500, 2_000, 500]);
    assert.deepEqual(await sizesOf(400, table), [400, 400, 400, 400, 400, 400, 400, 200]);
    assert.deepEqual(await sizesOf(1_000, {}), [1_000, 1_000, 1_000]);
  });

  it('tell all clients but kubectl who owns the fields of what is in a row', async () => {
    const collection = await createNamespace();
    await fill(collection, 2);
    for (const agent of ['kubectl/v1.33.1 (linux/amd64) kubernetes/1', 'k9s/v0.50.0']) {
      const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', 'user-agent': agent };
      const { text } = await api.send('GET', collection, undefined, headers);
      assert.equal(text.includes('"managedFields"'), !agent.startsWith('kubectl'));
      assert.equal(text.includes('"uid"'), true);
      const objects = await api.send('GET', collection, undefined, { 'user-agent': agent });
      assert.equal(objects.text.includes('"managedFields"'), true);
    }
  });

  /** Copies of one object, behind the API's back: it is not what takes the time here. */
  async function fill(collection: string, count: number): Promise<void> {
    const { code, text } = await api.send('POST', collection, { metadata: { name: 'copy-0' } });
    assert.equal(code, 201, text);
    const { entries } = server.store.range('/registry/');
    const original = entries.find(({ key }) => key.endsWith('/copy-0')) ?? assert.fail('nothing was stored');
    const value = Buffer.from(original.value).toString();
    for (let number = 1; number < count; number += 1) {
      const put = {
        kind: 'put' as const,
        key: original.key.replace(/copy-0$/, `copy-${number}`),
        value: Buffer.from(value.replace('"copy-0"', `"copy-${number}"`)),
      };
      await server.store.commit({ conditions: [], operations: [put] });
    }
  }

  async function createNamespace(): Promise<string> {
    made.count += 1;
    const name = `pages-${made.count}`;
    const { code, text } = await api.send('POST', '/api/v1/namespaces', { metadata: { name } });
    assert.equal(code, 201, text);
    return `/api/v1/namespaces/${name}/secrets`;
  }

  async function readPages(
    path: string,
    between: (page: number) => Promise<void>,
    headers: Record<string, string> = {},
  ): Promise<TestBody[]> {
    const pages: TestBody[] = [];
    let token = '';
    do {
      const { code, body, text } = await api.send('GET', path + token, undefined, headers);
      assert.equal(code, 200, text);
      pages.push(body);
      token = body.metadata.continue ? `&continue=${encodeURIComponent(body.metadata.continue)}` : '';
      await between(pages.length - 1);
    } while (token !== '');
    return pages;
  }
});

/** Names of the objects, or what the rows say of them. */
function itemsOf({ kind, items, rows }: TestBody): readonly unknown[] {
  return kind === 'Table' ? rows.map(({ cells }) => cells[0]) : items.map(({ metadata }) => metadata.name);
}

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
