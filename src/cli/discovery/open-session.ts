import { setTimeout as sleep } from 'node:timers/promises';
import { members } from '../../api/generated/resources.ts';
import { encodeJoinToken, JoinTokenError } from '../../api/join-token.ts';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { fetchSigningAuthority } from '../../runtime/fetch-authorities.ts';
import { issueJoinToken } from '../../runtime/issue-join-token.ts';
import { confirm } from '../ask.ts';
import { withCluster } from '../cluster-connection.ts';
import { UsageError } from '../usage-error.ts';
import { createPassphrase } from './passphrase.ts';
import { runTrustSession } from './trust-session.ts';

export interface OpenSessionOptions {
  readonly kubeconfig: string;
  /** Of this member. */
  readonly name: string;
  readonly host: string;
  readonly timeoutSeconds: number;
  /** Ends the session once so many hosts are members. */
  readonly expected: number | undefined;
  /** Whoever knows the passphrase is let in. */
  readonly isUnasked: boolean;
  readonly tell: (line: string) => void;
}

const onlineMs = 120_000;
const lookEveryMs = 500;

/** Lets hosts of the local network join that know the passphrase which it shows. */
export async function openSession(options: OpenSessionOptions): Promise<void> {
  const { name, host, timeoutSeconds, expected, tell } = options;
  const passphrase = createPassphrase();
  const ended = new AbortController();
  const joined = new Set<string>();
  const asking = { last: Promise.resolve() };
  tell(`\nOn each further host: muster join --discover`);
  tell(`Passphrase: ${passphrase}`);
  tell(`The session ends after ${timeoutSeconds} s; Ctrl-C ends it before.`);
  const interrupt = (): void => ended.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const cancelTimer = systemClock.after(timeoutSeconds * 1_000, interrupt);
  const coming: Promise<void>[] = [];
  const follow = async (member: string): Promise<void> => {
    try {
      await waitUntilOnline(options.kubeconfig, member);
      joined.add(member);
      tell(`${member} is a member.`);
    } catch (error) {
      tell(`${member} has got its token, and was not seen as a member: ${describeError(error)}`);
    }
    if (expected !== undefined && joined.size >= expected) ended.abort();
  };
  try {
    const admit = async ({ name: member, address }: { readonly name: string; readonly address: string }) => {
      // One question after the other.
      const before = asking.last;
      const answered = Promise.withResolvers<undefined>();
      asking.last = answered.promise.then(() => undefined);
      await before;
      try {
        const token = await admitHost(options, member, address);
        coming.push(follow(member));
        return token;
      } finally {
        answered.resolve(undefined);
      }
    };
    await runTrustSession({ passphrase, name, host, admit, tell }, ended.signal);
  } finally {
    cancelTimer();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  await Promise.all(coming);
  tell(`The session has ended; ${joined.size} hosts have joined.`);
}

async function admitHost(
  { kubeconfig, isUnasked, tell }: OpenSessionOptions,
  member: string,
  address: string,
): Promise<string> {
  tell(`${member} at ${address} knows the passphrase.`);
  if (!isUnasked && !(await confirm(`Shall ${member} at ${address} become a member?`, '--yes'))) {
    throw new UsageError('the person there has said no');
  }
  return withCluster(kubeconfig, async ({ clusterApi, endpoint, signal }) => {
    try {
      const caPem = await fetchSigningAuthority(endpoint, systemClock, signal);
      const deps = { clusterApi, caPem, clock: systemClock };
      return encodeJoinToken(await issueJoinToken(deps, member, signal));
    } catch (error) {
      throw error instanceof JoinTokenError ? new UsageError(error.message) : error;
    }
  });
}

async function waitUntilOnline(kubeconfig: string, name: string): Promise<void> {
  const endMs = performance.now() + onlineMs;
  while (performance.now() < endMs) {
    const isOnline = await withCluster(kubeconfig, async ({ clusterApi, signal }) => {
      const member = await clusterApi.get(members, { name }, signal);
      return member?.status?.state === 'Online';
    }).catch(() => false);
    if (isOnline) return;
    await sleep(lookEveryMs);
  }
  throw new Error(`it is not Online after ${onlineMs / 1_000} s`);
}
