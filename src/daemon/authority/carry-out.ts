import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describeError } from '../../base/describe-error.ts';
import { withAuthorities, type TrustingKubeconfig } from '../../runtime/kubeconfig-authorities.ts';
import { withRenewedUsers, type UsersFile } from '../certificates/renew-users.ts';
import { isIssuedBy } from '../pki/is-member-of.ts';
import { signIdentity } from '../pki/sign-identity.ts';
import { writeFileAtomically } from '../write-file.ts';
import { removeExchangeFile, writeExchangeFile } from './exchange-file.ts';
import { formerOf, newOf, viewOf, type OpenExchange } from './exchange-record.ts';
import type { FollowExchangeDeps } from './follow-exchange.ts';
import { stateIn } from './held-authority.ts';
import { listHosts, showIdentity } from './shown-identity.ts';

/** Whatever was done before is done again to the same end: a step that was cut short is begun anew. */
export async function carryOut(deps: FollowExchangeDeps, exchange: OpenExchange): Promise<void> {
  const { context } = deps;
  const { dataDir, identity, logger } = context;
  const state = stateIn(exchange);
  // First of all this member signs as it has to, and takes what either has signed: one that was away has its own
  // administrator to renew.
  const both = [formerOf(exchange), newOf(exchange)];
  const other = both.find(({ certPem }) => certPem !== state.signing.certPem);
  await writeExchangeFile(dataDir, exchange);
  identity.authority.take(other === undefined ? state : { ...state, other });
  await signAnew(deps);
  await editKubeconfig(deps);
  identity.authority.take(state);
  await show(deps);
  await editKubeconfig(deps);
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
async function signAnew({ context }: FollowExchangeDeps): Promise<void> {
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

async function show({ context, apiServer }: FollowExchangeDeps): Promise<void> {
  const { config, dataDir, identity, clock } = context;
  const certPem = await readFile(dataDir.memberCert, 'utf8');
  await showIdentity(apiServer, identity, { name: config.name, certPem }, clock);
}

/** The administrator's of this host. What is wrong with that file must not keep the member from following. */
async function editKubeconfig({ context, kubeconfig }: FollowExchangeDeps): Promise<void> {
  const { identity, clock, logger } = context;
  try {
    const authorities = { clusterPems: identity.authority.trusted, keepsOthers: true } as const;
    await kubeconfig.edit<TrustingKubeconfig & UsersFile>(async (file) => {
      const trusting = withAuthorities(file, authorities);
      const renewed = await withRenewedUsers(trusting ?? file, identity.authority, clock.now());
      return renewed ?? trusting;
    });
  } catch (error) {
    const fields = { file: kubeconfig.path, reason: describeError(error) };
    logger.warn(fields, 'the kubeconfig of this host does not follow the exchange of the authority');
  }
}
