import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { secrets } from '../../api/builtin.ts';
import { agentComponent } from '../../api/names.ts';
import type { ApiServer } from '../../apiserver/api-server.ts';
import { isRenewalDue } from '../../reconcilers/certificate-expiry.ts';
import { apiCertificatePlace } from '../../runtime/api-certificate-secret.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { createInformer } from '../../runtime/create-informer.ts';
import { withAuthorities, type TrustingKubeconfig } from '../../runtime/kubeconfig-authorities.ts';
import { createEventRecorder } from '../../runtime/record-event.ts';
import { describeError } from '../../base/describe-error.ts';
import { listHosts, showIdentity } from '../authority/shown-identity.ts';
import type { KubeconfigEditor } from '../kubeconfig-file.ts';
import { signIdentity } from '../pki/sign-identity.ts';
import type { MemberContext } from '../run/member-context.ts';
import { writeFileAtomically } from '../write-file.ts';
import { keepCertificates } from './keep-certificates.ts';
import { renewAuthority } from './renew-authority.ts';
import { withRenewedUsers, type UsersFile } from './renew-users.ts';

export interface CertificatesDeps {
  readonly context: MemberContext;
  readonly apiServer: Pick<ApiServer, 'replaceCertificate' | 'showCustom'>;
  /** Speaks for the cluster. */
  readonly clusterApi: ClusterApi;
  readonly kubeconfig: KubeconfigEditor;
}

/** Runs what keeps the certificates of this member. Works until the abort. */
export async function followCertificates(deps: CertificatesDeps, signal: AbortSignal): Promise<void> {
  const { context, apiServer, clusterApi, kubeconfig } = deps;
  const { config, clock, random } = context;
  const logger = context.logger.child({ part: 'certificates' });
  const { namespace, name } = apiCertificatePlace;
  const scope = { namespace, fieldSelector: `metadata.name=${name}` };
  const informer = createInformer(secrets, { clusterApi, clock, random, logger, scope });
  informer.start(signal);
  const events = createEventRecorder({
    ...{ clusterApi, component: agentComponent, host: config.name, clock, random, logger },
  });
  const telling = events.run(signal);
  await keepCertificates(
    {
      ...{ memberName: config.name, clusterApi, apiServer, events, clock, logger, secrets: informer },
      async renew() {
        await renewAuthorityHere(deps, signal);
        await renewUsers(deps);
        return renewOwn(deps);
      },
      authorityExpiresMs: () => new X509Certificate(context.identity.authority.certPem).validToDate.getTime(),
      async trustAnchor(anchorPem) {
        const clusterPems = context.identity.authority.trusted;
        const authorities = anchorPem === undefined ? { clusterPems } : { clusterPems, anchorPem };
        await kubeconfig.edit<TrustingKubeconfig>((file) => withAuthorities(file, authorities));
      },
    },
    signal,
  );
  await telling;
}

/** Everything here that names or shows the authority asks for its certificate each time. */
async function renewAuthorityHere(
  { context, apiServer, clusterApi, kubeconfig }: CertificatesDeps,
  signal: AbortSignal,
): Promise<void> {
  const { config, dataDir, identity, clock, logger } = context;
  const { authority } = identity;
  // While it is exchanged, the other one takes its place anyway.
  if (authority.exchange !== undefined) return;
  try {
    const certPem = await renewAuthority(authority, { clusterApi, clock }, signal);
    if (certPem === authority.certPem) return;
    // The file last: until it is written all of this is done again.
    const authorities = { clusterPems: [certPem], keepsOthers: true } as const;
    await kubeconfig.edit<TrustingKubeconfig>((file) => withAuthorities(file, authorities));
    await writeFileAtomically(dataDir.clusterCert, certPem, 0o644);
    const renewed = { certPem, keyPem: authority.keyPem };
    authority.take({ signing: renewed, shown: renewed });
    const shown = { name: config.name, certPem: await readFile(dataDir.memberCert, 'utf8') };
    await showIdentity(apiServer, identity, shown, clock);
    const until = new X509Certificate(certPem).validToDate.toISOString();
    logger.info({ until }, "the certificate of the cluster's authority was renewed");
  } catch (error) {
    // Another member may have been quicker; there is a year for it.
    logger.debug({ reason: describeError(error) }, "the authority's certificate could not be renewed yet");
  }
}

/** The file is read each time: another part may have signed it anew, for more addresses. */
async function renewOwn({ context, apiServer }: CertificatesDeps): Promise<number> {
  const { dataDir, identity, config, clock, logger } = context;
  const certificate = new X509Certificate(await readFile(dataDir.memberCert, 'utf8'));
  const expiresMs = certificate.validToDate.getTime();
  if (!isRenewalDue(certificate.validFromDate.getTime(), expiresMs, clock.now())) return expiresMs;
  const signed = { name: config.name, hosts: listHosts(certificate.toString()) };
  const { certPem } = await signIdentity(dataDir, identity, signed, clock);
  await showIdentity(apiServer, identity, { name: config.name, certPem }, clock);
  const { validToDate } = new X509Certificate(certPem);
  logger.info({ until: validToDate.toISOString() }, 'the certificate of this member was renewed');
  return validToDate.getTime();
}

/** The administrator's, on the same terms. What is wrong with that file must not keep the member from its own. */
async function renewUsers({ context, kubeconfig }: CertificatesDeps): Promise<void> {
  const { identity, clock, logger } = context;
  const fields = { file: kubeconfig.path };
  try {
    const isRenewed = await kubeconfig.edit<UsersFile>((file) =>
      withRenewedUsers(file, identity.authority, clock.now()),
    );
    if (isRenewed) logger.info(fields, 'the certificate in the kubeconfig of this host was renewed');
  } catch (error) {
    const reason = describeError(error);
    logger.warn({ ...fields, reason }, 'the certificate in the kubeconfig of this host cannot be renewed');
  }
}
