import { createDeadline } from '../../base/deadline.ts';
import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../consensus/store/store.ts';
import { type Answer, textAnswer, unknownPath } from '../http/answer.ts';
import type { KindRegistry } from '../registry/kind-registry.ts';
import type { PathHandler } from './path-handler.ts';

/** Answers what is wrong, in words, or undefined. */
export type HealthCheck = () => Promise<string | undefined> | string | undefined;
type Checks = ReadonlyMap<string, HealthCheck>;

export interface HealthDeps {
  readonly store: Store;
  readonly registry: Pick<KindRegistry, 'list'>;
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}

const readMs = 2_000; // a probe usually gives up soon after
const ownGroup = 'muster.dev';

/** `livez` is about this process; `readyz` is also about whether it can do what it is asked. */
export function createHealthHandler(
  deps: HealthDeps,
  more: Readonly<Record<string, HealthCheck>> = {},
): PathHandler {
  const alive = new Map<string, HealthCheck>([['ping', () => undefined]]);
  const ready = new Map([...alive, ...Object.entries(readinessChecks(deps)), ...Object.entries(more)]);
  const endpoints = new Map<string, Checks>([
    ['healthz', alive],
    ['livez', alive],
    ['readyz', ready],
  ]);
  return ({ url }) => {
    const [name = '', check, ...rest] = url.pathname.split('/').filter((segment) => segment !== '');
    const checks = endpoints.get(name);
    if (checks === undefined || rest.length > 0) return undefined;
    if (check === undefined) return report(name, checks, url.searchParams);
    const single = checks.get(check);
    return single === undefined ? unknownPath : report(name, new Map([[check, single]]), url.searchParams);
  };
}

function readinessChecks({ store, registry, clock, stopping }: HealthDeps): Record<string, HealthCheck> {
  const { leadership } = store;
  return {
    leader: () =>
      leadership.leader === undefined ? 'the store has no leader that this member knows of' : undefined,
    async store() {
      if (leadership.leader === undefined) return 'without a leader nothing can be read for certain';
      using deadline = createDeadline(clock, readMs, 'reading from the store', stopping);
      try {
        await store.readBarrier(deadline.signal);
        return undefined;
      } catch {
        return `the leader ${leadership.leader} does not answer this member's reads`;
      }
    },
    kinds: () =>
      registry.list().some(({ served }) => served.group === ownGroup)
        ? undefined
        : `the kinds of ${ownGroup} are not defined yet`,
    shutdown: () => (stopping.aborted ? 'this member is shutting down' : undefined),
  };
}

async function report(endpoint: string, checks: Checks, query: URLSearchParams): Promise<Answer> {
  const excluded = new Set(query.getAll('exclude').filter((name) => name !== ''));
  const findings = await Promise.all(
    [...checks].map(async ([name, check]) => {
      if (excluded.has(name)) return { line: `[+]${name} excluded: ok`, isGood: true };
      const problem = await check();
      if (problem === undefined) return { line: `[+]${name} ok`, isGood: true };
      return { line: `[-]${name} failed: ${problem}`, isGood: false };
    }),
  );
  const isGood = findings.every((finding) => finding.isGood);
  const listing = [
    ...findings.map(({ line }) => line),
    ...warnings([...excluded].filter((name) => !checks.has(name))),
    `${endpoint} check ${isGood ? 'passed' : 'failed'}`,
  ];
  const text = `${listing.join('\n')}\n`;
  if (!isGood) return textAnswer(500, text);
  return textAnswer(200, query.has('verbose') ? text : 'ok');
}

function warnings(unknown: readonly string[]): readonly string[] {
  if (unknown.length === 0) return [];
  const names = unknown.map((name) => JSON.stringify(name)).join(', ');
  return [`warn: some health checks cannot be excluded: no matches for ${names}`];
}
