import { setTimeout as sleep } from 'node:timers/promises';
import { isApiError } from '../../api/api-error.ts';
import {
  exchangeCondition,
  hasReached,
  rotateAuthorityPath,
  type ExchangeAnswer,
  type ExchangeRequest,
  type ExchangeView,
} from '../../api/authority.ts';
import { findCondition, isTrue } from '../../api/conditions.ts';
import { addDuration, DurationError } from '../../api/duration.ts';
import type { Member } from '../../api/generated/member.ts';
import { clusters, members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { openApiConnection } from '../../runtime/api-connection.ts';
import { createRequester } from '../../runtime/request.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

export interface RotateFlags extends GlobalFlags {
  readonly endIn?: string;
  readonly now?: boolean;
  readonly cancel?: boolean;
  readonly again?: boolean;
}

const patienceMs = 300_000;
const lookMs = 15_000;
const lookEveryMs = 500;
const requestMs = 10_000;
const dayMs = 24 * 3_600_000;

/** Has the authority exchanged, and waits until every member that is online has got as far as it can now. */
export async function rotateAuthority(flags: RotateFlags): Promise<void> {
  const request = readRequest(flags);
  const view = await withCluster(flags.kubeconfig, (connection) => begin(connection, request, flags));
  await waitUntilSettled(view, flags, request.action === 'begin' && request.endsInSeconds === 0);
}

function readRequest({ endIn, now = false, cancel = false }: RotateFlags): ExchangeRequest {
  const given = [endIn !== undefined && '--end-in', now && '--now', cancel && '--cancel'].filter(Boolean);
  if (given.length > 1) throw new UsageError(`${given.join(' and ')} exclude each other`);
  if (cancel) return { action: 'cancel' };
  if (now) return { action: 'begin', endsInSeconds: 0 };
  return endIn === undefined ? { action: 'begin' } : { action: 'begin', endsInSeconds: readSeconds(endIn) };
}

function readSeconds(text: string): number {
  const nowMs = systemClock.now();
  try {
    const endMs = addDuration(nowMs, text);
    if (endMs !== undefined && endMs - nowMs <= 366 * dayMs) return Math.floor((endMs - nowMs) / 1_000);
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new UsageError(`--end-in: ${error.message}`);
  }
  throw new UsageError('--end-in: the former authority has to end within a year; write for example "30d"');
}

async function begin(
  connection: ClusterConnection,
  request: ExchangeRequest,
  { again = false }: RotateFlags,
): Promise<ExchangeView> {
  const before = await askExchange(connection);
  const finished = before?.step === 'Ended' ? before.finishedAt : undefined;
  const isRecent = finished !== undefined && systemClock.now() - Date.parse(finished) < dayMs;
  // Who takes up a command that was left must not begin another exchange by that.
  if (request.action === 'begin' && isRecent && !again) {
    throw new UsageError(
      `the authority was exchanged already, at ${finished}: nothing is left to do; --again exchanges it once more`,
    );
  }
  const exchange = await askExchange(connection, request);
  if (exchange === undefined) throw new Error('the cluster says nothing of the exchange');
  if (before?.id === exchange.id) console.error(`The exchange that began at ${exchange.startedAt} goes on.`);
  else console.error(`The exchange has begun; the new authority is SHA-256 ${exchange.id}`);
  return exchange;
}

/** Without a request, how far it is. */
async function askExchange(
  { endpoint, signal }: ClusterConnection,
  body?: ExchangeRequest,
): Promise<ExchangeView | undefined> {
  const connection = openApiConnection(endpoint);
  try {
    const send = createRequester({
      ...{ connection, server: endpoint.server, clock: systemClock, deadlineMs: requestMs },
    });
    const path = rotateAuthorityPath;
    const asked =
      body === undefined ? ({ method: 'GET', path } as const) : ({ method: 'POST', path, body } as const);
    return (await send<ExchangeAnswer>(asked, signal)).exchange;
  } catch (error) {
    if (isApiError(error, 'NotFound')) {
      throw new Error('a member of an earlier release was asked: it cannot exchange the authority', {
        cause: error,
      });
    }
    throw error;
  } finally {
    connection.close();
  }
}

interface Look {
  readonly view: ExchangeView;
  /** As the Cluster says it. */
  readonly message: string | undefined;
  /** Online, and not there yet. */
  readonly missing: readonly string[];
  readonly away: readonly string[];
}

/** Members take what they need while this looks: each look is made with what the kubeconfig says then. */
async function waitUntilSettled(begun: ExchangeView, flags: GlobalFlags, isUrgent: boolean): Promise<void> {
  const endMs = performance.now() + patienceMs;
  const told = { message: '', problem: `step ${begun.step}` };
  for (;;) {
    try {
      const seen = await withCluster(flags.kubeconfig, look, lookMs);
      told.problem = describeLook(seen);
      tell(told, seen.message);
      if (isSettled(seen, isUrgent)) {
        console.error(describeEnd(seen));
        return;
      }
    } catch (error) {
      // The member that is asked may be the one that is being restarted; the login may be the one that has ended.
      if (isApiError(error, 'Unauthorized')) throw explainLogin(error);
      if (!isApiError(error)) throw error;
      told.problem = describeError(error);
      if (isStranger(told.problem)) throw explainLogin(error);
    }
    if (performance.now() > endMs) {
      throw new Error(
        `not every member that is online is there after ${patienceMs / 1_000} s: ${told.problem}; it goes on by ` +
          'itself, and "muster cluster show" says how far it is',
      );
    }
    await sleep(lookEveryMs);
  }
}

async function look(connection: ClusterConnection): Promise<Look> {
  const { clusterApi, signal } = connection;
  const view = await askExchange(connection);
  if (view === undefined) throw new Error('the cluster says nothing of the exchange');
  const cluster = await clusterApi.get(clusters, { name: clusterName }, signal);
  const { items } = await clusterApi.list(members, {}, signal);
  // Some may be declared for hosts that have not come yet.
  const late = items.filter((member) => member.status?.id !== undefined && !hasReached(member, view));
  const namesOf = (some: readonly Member[]) => some.map(({ metadata }) => metadata.name);
  const said = findCondition(cluster?.status, exchangeCondition);
  return {
    view,
    message: said?.message.includes(view.id) === true ? said.message : undefined,
    missing: namesOf(late.filter(({ status }) => isTrue(status, 'Online'))),
    away: namesOf(late.filter(({ status }) => !isTrue(status, 'Online'))),
  };
}

/** Nothing is left that does not wait for a date, or for a member that is off. */
function isSettled({ view: { step, endsAt, finishedAt }, missing }: Look, isUrgent: boolean): boolean {
  if (finishedAt !== undefined) return true;
  if (missing.length > 0) return false;
  const isDue = isUrgent || systemClock.now() >= Date.parse(endsAt);
  return step === 'Ended' || step === 'Canceled' || (step === 'Signing' && !isDue);
}

function describeLook({ view, missing }: Look): string {
  return `step ${view.step}${missing.length === 0 ? '' : `, waiting for ${missing.join(', ')}`}`;
}

function describeEnd({ view: { step, endsAt }, away }: Look): string {
  const later = away.length === 0 ? '' : `\n${away.join(', ')}: as soon as it is back.`;
  switch (step) {
    case 'Signing':
      return (
        `Every member that runs signs with the new authority. The former one counts until ${endsAt}: renew ` +
        'kubeconfigs ("muster kubeconfig refresh"), logins ("muster auth add NAME --renew") and tokens before. --now ' +
        `ends it at once, --cancel goes back.${later}`
      );
    case 'Ended':
      return `Only the new authority counts on every member that runs.${later}`;
    case 'Trusted':
    case 'Returning':
    case 'Canceled':
      return `Canceled: only the former authority counts on every member that runs.${later}`;
  }
}

function tell(told: { message: string }, message: string | undefined): void {
  if (message === undefined || message === told.message) return;
  told.message = message;
  console.error(message);
}

function isStranger(problem: string): boolean {
  return /self[- ]signed certificate|unable to (get|verify)|certificate signature failure/i.test(problem);
}

function explainLogin(cause: unknown): Error {
  const message =
    'the former authority does not count any more, and neither does this kubeconfig, which is of it; take ' +
    'admin.kubeconfig of a member\'s host, or have "muster auth add NAME --renew" make one';
  return new Error(message, { cause });
}
