import { setCondition, findCondition } from '../../api/conditions.ts';
import type { Secret } from '../../api/builtin.ts';
import type { Member } from '../../api/generated/member.ts';
import { members as resource } from '../../api/generated/resources.ts';
import type { ApiServer } from '../../apiserver/api-server.ts';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { inStep } from '../../base/in-step.ts';
import type { Logger } from '../../base/logger.ts';
import { judgeExpiry } from '../../reconcilers/certificate-expiry.ts';
import type { Saying } from '../../reconcilers/step.ts';
import { apiCertificatePlace, parseApiCertificateSecret } from '../../runtime/api-certificate-secret.ts';
import { isAborted, pause } from '../../runtime/backoff.ts';
import { readCertificateChain } from '../../runtime/certificate-chain.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { commit } from '../../runtime/commit.ts';
import type { Informer } from '../../runtime/informer.ts';
import type { EventRecorder } from '../../runtime/record-event.ts';
import { isApiError } from '../../api/api-error.ts';
import { keyOf } from '../../api/resource.ts';

export interface KeepCertificatesDeps {
  readonly memberName: string;
  /** Speaks for the cluster. */
  readonly clusterApi: Pick<ClusterApi, 'get' | 'mergePatch'>;
  /** The Secret of the custom certificate, or nothing. */
  readonly secrets: Informer<Secret>;
  readonly apiServer: Pick<ApiServer, 'showCustom'>;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Signs this member's certificate anew when that is due; answers until when it is good. */
  readonly renew: () => Promise<number>;
  readonly authorityExpiresMs: () => number;
  /** Writes into the kubeconfig of this host whom it has to trust besides the cluster's authority. */
  readonly trustAnchor: (anchorPem: string | undefined) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const memberCondition = 'CertificateValid';
const customCondition = 'APICertificateValid';
const fieldManager = 'muster-certificates';
// What is shown lasts for months; what people bring comes with a change of its Secret.
const lookEveryMs = 5 * 60_000;
const retryMs = 1_000;

/** Keeps what this member shows to clients: its own certificate fresh, and the one that people have brought. */
export async function keepCertificates(deps: KeepCertificatesDeps, signal: AbortSignal): Promise<void> {
  const { secrets, clock, logger } = deps;
  const changed = { by: Promise.withResolvers<undefined>() };
  const unsubscribe = secrets.subscribe(() => changed.by.resolve(undefined));
  try {
    await Promise.race([secrets.synced, pause(clock, lookEveryMs, signal)]);
    const shown: Shown = {};
    while (!isAborted(signal)) {
      changed.by = Promise.withResolvers<undefined>();
      const isDone = await look(deps, shown, signal).catch((error: unknown) => {
        logger.debug({ reason: describeError(error) }, 'the certificates could not be told of, trying again');
        return false;
      });
      await Promise.race([
        changed.by.promise,
        pause(clock, isDone ? inStep(clock, lookEveryMs) : retryMs, signal),
      ]);
    }
  } finally {
    unsubscribe();
  }
}

interface Shown {
  fingerprint?: string | undefined;
}

/** Answers whether everything has been told. */
async function look(deps: KeepCertificatesDeps, shown: Shown, signal: AbortSignal): Promise<boolean> {
  const { clock, clusterApi, memberName, events } = deps;
  const own = await judgeOwn(deps);
  const custom = await showCustom(deps, shown);
  const stored = await clusterApi.get(resource, { name: memberName }, signal);
  if (stored === undefined) return false;
  const draft = structuredClone(stored);
  const status = (draft.status ??= {});
  const news = [tell(draft, memberCondition, own, clock.now())];
  if (custom !== undefined) news.push(tell(draft, customCondition, custom, clock.now()));
  else status.conditions = status.conditions?.filter(({ type }) => type !== customCondition);
  try {
    await commit(clusterApi, { resource, stored, draft, fieldManager }, signal);
  } catch (error) {
    // Somebody else wrote into the status: look again.
    if (isApiError(error, 'Conflict')) return false;
    throw error;
  }
  for (const saying of news) {
    if (saying === undefined) continue;
    events.record(stored, saying.status === 'True' ? 'Normal' : 'Warning', saying.reason, saying.message);
  }
  return true;
}

/** What ends first: the member's certificate, or that of the authority which vouches for it. */
async function judgeOwn({ renew, authorityExpiresMs, clock }: KeepCertificatesDeps): Promise<Saying> {
  const expiresMs = await renew();
  const authorityMs = authorityExpiresMs();
  return authorityMs < expiresMs
    ? judgeExpiry("the certificate of the cluster's authority", authorityMs, clock.now())
    : judgeExpiry("this member's certificate", expiresMs, clock.now());
}

/** Answers what is news enough for an Event. */
function tell(draft: Member, type: string, saying: Saying, nowMs: number): Saying | undefined {
  const status = (draft.status ??= {});
  const before = findCondition(status, type);
  setCondition(status, { type, ...saying, observedGeneration: draft.metadata.generation }, nowMs);
  if (before?.reason === saying.reason) return undefined;
  return before === undefined && saying.status === 'True' ? undefined : saying;
}

/** Shows the custom certificate while it is good; one that cannot be used takes nothing away from what was shown. */
async function showCustom(
  { secrets, apiServer, clock, logger, trustAnchor }: KeepCertificatesDeps,
  shown: Shown,
): Promise<Saying | undefined> {
  const secret = secrets.get(`${apiCertificatePlace.namespace}/${apiCertificatePlace.name}`);
  if (secret === undefined) {
    if (shown.fingerprint !== undefined) logger.info({}, 'the certificate of the cluster is shown again');
    apiServer.showCustom(undefined);
    shown.fingerprint = undefined;
    await trustAnchor(undefined);
    return undefined;
  }
  const files = parseApiCertificateSecret(secret);
  const chain = readCertificateChain(files.certPem, files.keyPem, clock.now());
  if ('problem' in chain) {
    const message = `the Secret ${keyOf(secret)} cannot be used: ${chain.problem}`;
    if (chain.isExpired !== true) return { status: 'False', reason: 'Refused', message };
    // The kubeconfigs that we write trust the cluster's own authority too, so that clients are not cut off.
    apiServer.showCustom(undefined);
    shown.fingerprint = undefined;
    return { status: 'False', reason: 'Expired', message };
  }
  const { fingerprint, anchorPem, expiresMs } = chain;
  if (shown.fingerprint !== fingerprint) {
    apiServer.showCustom(files);
    logger.info({ fingerprint }, 'clients are shown another certificate');
    shown.fingerprint = fingerprint;
  }
  await trustAnchor(anchorPem);
  return judgeExpiry(`the certificate for clients (SHA-256 ${fingerprint})`, expiresMs, clock.now());
}
