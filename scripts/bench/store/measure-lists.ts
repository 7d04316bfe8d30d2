import { medianOf } from '../kit/latencies.ts';
import { ApiClient } from './api-client.ts';
import { EtcdClient } from './etcd-client.ts';
import { apiTarget, findOurLeader, type Systems } from './systems.ts';

export interface ListFigures {
  readonly name: string;
  readonly medianMs: number;
  readonly bytes: number;
}

const atOnce = 64;
const listNamespace = 'bench-list';

/** Everything of 10,000 entries, until the last byte is there. */
export async function measureLists(
  systems: Systems,
  {
    entries,
    rounds,
    valueBytes,
  }: { readonly entries: number; readonly rounds: number; readonly valueBytes: number },
  report: (line: string) => void,
): Promise<ListFigures[]> {
  const etcd = new EtcdClient(systems.etcd.target(await systems.etcd.findLeader()));
  const api = new ApiClient(apiTarget(systems, await findOurLeader(systems)));
  try {
    const value = 'x'.repeat(valueBytes);
    await api.createNamespace(listNamespace);
    report(`writing ${entries} entries into each`);
    await inParallel(entries, (index) => etcd.put(`${listNamespace}/${index}`, Buffer.from(value)));
    await inParallel(entries, (index) => api.create(listNamespace, `entry-${index}`, value));
    const ways: readonly (readonly [string, () => Promise<Buffer>])[] = [
      ['etcd', () => etcd.range(`${listNamespace}/`)],
      ["Muster's API", () => api.list(listNamespace)],
      ["Muster's API, resourceVersion=0", () => api.list(listNamespace, '?resourceVersion=0')],
    ];
    const times = new Map<string, number[]>(ways.map(([name]) => [name, []]));
    const sizes = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, list] of ways) {
        const startedMs = performance.now();
        sizes.set(name, (await list()).length);
        times.get(name)?.push(performance.now() - startedMs);
      }
    }
    return [...times].map(([name, ms]) => ({ name, medianMs: medianOf(ms), bytes: sizes.get(name) ?? 0 }));
  } finally {
    etcd.close();
    api.close();
  }
}

async function inParallel(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next; index < count; index = next) {
      next += 1;
      await run(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
