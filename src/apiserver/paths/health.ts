import type { Store } from '../../consensus/store/store.ts';
import { type Answer, textAnswer, unknownPath } from '../http/answer.ts';
import type { PathHandler } from './path-handler.ts';

/** Answers what is wrong, in words, or undefined. */
type Check = () => string | undefined;
type Checks = ReadonlyMap<string, Check>;

export interface HealthDeps {
  readonly store: Store;
  readonly stopping: AbortSignal;
}

/** `livez` is about this process; `readyz` is also about whether it can do what it is asked. */
export function createHealthHandler({ store, stopping }: HealthDeps): PathHandler {
  const ping: Check = () => undefined;
  const leader: Check = () =>
    store.leadership.leader === undefined ? 'the store has no leader that this member knows of' : undefined;
  const shutdown: Check = () => (stopping.aborted ? 'this member is shutting down' : undefined);
  const endpoints = new Map<string, Checks>([
    ['healthz', new Map([['ping', ping]])],
    ['livez', new Map([['ping', ping]])],
    [
      'readyz',
      new Map([
        ['ping', ping],
        ['leader', leader],
        ['shutdown', shutdown],
      ]),
    ],
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

function report(endpoint: string, checks: Checks, query: URLSearchParams): Answer {
  const excluded = new Set(query.getAll('exclude'));
  const findings = [...checks].map(([name, check]) => {
    if (excluded.has(name)) return { line: `[+]${name} excluded: ok`, isGood: true };
    const problem = check();
    if (problem === undefined) return { line: `[+]${name} ok`, isGood: true };
    return { line: `[-]${name} failed: ${problem}`, isGood: false };
  });
  const isGood = findings.every((finding) => finding.isGood);
  const outcome = `${endpoint} check ${isGood ? 'passed' : 'failed'}`;
  const listing = `${[...findings.map(({ line }) => line), outcome].join('\n')}\n`;
  if (!isGood) return textAnswer(500, listing);
  return textAnswer(200, query.has('verbose') ? listing : 'ok');
}
