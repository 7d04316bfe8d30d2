import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Store } from '../consensus/store/store.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { TokenAuthenticator } from './authn/bearer-token.ts';
import type { ServiceAccountTokens } from './authn/service-account-tokens.ts';
import type { Authorizer } from './authz/authorizer.ts';
import type { PolicyCache } from './authz/policy-cache.ts';
import type { FlowControl } from './flow/flow-control.ts';
import type { ApiMetrics } from './metrics/api-metrics.ts';
import type { KindRegistry } from './registry/kind-registry.ts';

/** Signs a key for an Identity, which the certificate names with its uid. Answers PEM. */
export type CertificateSigner = (request: {
  readonly user: string;
  readonly uid: string;
  readonly publicKeyPem: string;
  readonly expiresAtMs: number;
}) => Promise<string>;

/** What the verbs work with. */
export interface ServerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: KindRegistry;
  readonly policies: PolicyCache;
  readonly authorizer: Authorizer;
  readonly tokens: ServiceAccountTokens;
  /** Absent where the server has no authority to sign with. */
  readonly signCertificate?: CertificateSigner | undefined;
  readonly authenticateToken: TokenAuthenticator;
  readonly flow: FlowControl;
  readonly audit: AuditLog;
  readonly metrics: ApiMetrics;
  /** Aborts at shut-down: watches end, so that clients go on elsewhere. */
  readonly stopping: AbortSignal;
}
