import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ApiServer } from '../../apiserver/api-server.ts';
import { describeError } from '../../base/describe-error.ts';
import { withAuthorities, type TrustingKubeconfig } from '../../runtime/kubeconfig-authorities.ts';
import { withRenewedUsers, type UsersFile } from '../certificates/renew-users.ts';
import type { KubeconfigEditor } from '../kubeconfig-file.ts';
import { isIssuedBy } from '../pki/is-member-of.ts';
import { signIdentity } from '../pki/sign-identity.ts';
import type { MemberContext } from '../run/member-context.ts';
import { writeFileAtomically } from '../write-file.ts';
import { removeExchangeFile, writeExchangeFile } from './exchange-file.ts';
import { formerOf, newOf, viewOf, type OpenExchange } from './exchange-record.ts';
import { stateIn } from './held-authority.ts';
import { listHosts, showIdentity } from './shown-identity.ts';

export interface CarryOutDeps {
  readonly context: Pick<MemberContext, 'clock' | 'config' | 'dataDir' | 'identity' | 'logger'>;
  readonly apiServer: Pick<ApiServer, 'cutVoidLogins' | 'replaceCertificate'>;
  readonly kubeconfig: KubeconfigEditor;
}

/** Whatever was done before is done again to the same end: a step that was cut short is begun anew. */
export async function carryOut(deps: CarryOutDeps, exchange: OpenExchange): Promise<void> {
  const { context } = deps;
  const { dataDir, identity, logger } = context;
  const state = stateIn(exchange);
  const other = [formerOf(exchange), newOf(exchange)].find(
    ({ certPem }) => certPem !== state.signing.certPem,
  );
  const isSwitching = identity.authority.certPem !== state.signing.certPem;
  await writeExchangeFile(dataDir, exchange);
  // Whoever was away has an administrator of its own to renew first. After a restart nothing counts again that has ended.
  if (isSwitching && other !== undefined) {
    identity.authority.take({ ...state, other });
    await signAnew(deps);
    await editKubeconfig(deps, exchange);
  }
  identity.authority.take(state);
  await signAnew(deps);
  // Before the kubeconfig, which may not trust any more what was shown so far.
  await show(deps);
  await editKubeconfig(deps, exchange);
  await writeFileAtomically(dataDir.clusterKey, state.signing.keyPem, 0o600);
  await writeFileAtomically(dataDir.clusterCert, state.signing.certPem, 0o644);
  const { step, id } = viewOf(exchange);
  if (step === 'Ended' || step === 'Canceled') {
    // From here on the two files say it alone.
    identity.authority.take({ signing: state.signing, shown: state.shown });
    await removeExchangeFile(dataDir);
    deps.apiServer.cutVoidLogins();
  }
  logger.info({ step, authority: id }, 'a step of the exchange of the authority is carried out here');
}

/** The member's certificates, over the key that it has. */
async function signAnew({ context }: CarryOutDeps): Promise<void> {
  const { config, dataDir, identity, clock } = context;
  const certificate = new X509Certificate(await readFile(dataDir.memberCert, 'utf8'));
  if (isIssuedBy(certificate, new X509Certificate(identity.authority.certPem))) return;
  await signIdentity(
    dataDir,
    identity,
    { name: config.name, hosts: listHosts(certificate.toString()) },
    clock,
  );
}

async function show({ context, apiServer }: CarryOutDeps): Promise<void> {
  const { config, dataDir, identity, clock } = context;
  const certPem = await readFile(dataDir.memberCert, 'utf8');
  await showIdentity(apiServer, identity, { name: config.name, certPem }, clock);
}

/** The administrator's of this host. What is wrong with that file must not keep the member from following. */
async function editKubeconfig(
  { context, kubeconfig }: CarryOutDeps,
  { formerCert, newCert }: OpenExchange,
): Promise<void> {
  const { identity, clock, logger } = context;
  try {
    const { certPem, keyPem, trusted } = identity.authority;
    const authorities = { clusterPems: trusted, keepsOthers: true } as const;
    const signing = { certPem, keyPem, trusted: [formerCert, newCert] };
    await kubeconfig.edit<TrustingKubeconfig & UsersFile>(async (file) => {
      const trusting = withAuthorities(file, authorities);
      const renewed = await withRenewedUsers(trusting ?? file, signing, clock.now());
      return renewed ?? trusting;
    });
  } catch (error) {
    const fields = { file: kubeconfig.path, reason: describeError(error) };
    logger.warn(fields, 'the kubeconfig of this host does not follow the exchange of the authority');
  }
}
