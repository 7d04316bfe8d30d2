import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/describe-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Store } from '../consensus/store/store.ts';
import { type AuditOptions, createAuditLog, noAuditLog } from './audit/audit-log.ts';
import { createTokenAuthenticator } from './authn/bearer-token.ts';
import { createCertificateAuthenticator } from './authn/client-certificate.ts';
import { createIdentities } from './authn/identities.ts';
import { createOidcIssuer } from './authn/oidc.ts';
import { createOidcSettings } from './authn/oidc-settings.ts';
import { createServiceAccountTokens, type TokenKeys } from './authn/service-account-tokens.ts';
import { anonymousUser } from './authn/user.ts';
import { createAuthorizer } from './authz/authorizer.ts';
import { createPolicyCache } from './authz/policy-cache.ts';
import { createDiscovery } from './discovery/answer-discovery.ts';
import { createFlowControl } from './flow/flow-control.ts';
import type { RequestDeps } from './handle-request.ts';
import { type ExtraRoute } from './paths/extra-route.ts';
import { type HealthCheck, createHealthHandler } from './paths/health.ts';
import { createMetricsHandler } from './paths/metrics.ts';
import { createOpenApiHandler } from './paths/open-api.ts';
import { createIndexHandler } from './paths/root.ts';
import { createVersionHandler } from './paths/version.ts';
import { createApiMetrics } from './metrics/api-metrics.ts';
import { createKindRegistry } from './registry/create-kind-registry.ts';
import { limitIdleConnections } from './http/limit-idle-connections.ts';
import { type CertificateAndKey, createShownCertificates } from './http/shown-certificates.ts';
import { createRemoteAddresses } from './http/remote-addresses.ts';
import { trackConnections } from './http/track-connections.ts';
import { createRequestListener } from './request-listener.ts';
import type { CertificateSigner, ServerDeps } from './server-deps.ts';
import { startUpkeep } from './upkeep/start-upkeep.ts';
import type { Subresource } from './verbs/subresource.ts';

export interface ApiServerDeps {
  readonly store: Store;
  /** The member's own certificate and key. */
  readonly tls: CertificateAndKey;
  /** What clients are shown where that is another one: they may know an authority that is being exchanged. */
  readonly outward?: CertificateAndKey;
  /** PEM of the authorities whose signature counts. The same array until that changes. */
  readonly authorities: () => readonly string[];
  readonly memberName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Version of this program. */
  readonly version: string;
  readonly extraRoutes?: readonly ExtraRoute[];
  readonly subresources?: readonly Subresource[];
  /** Signs and checks tokens of ServiceAccounts; the same on every member. */
  readonly tokenKeys: TokenKeys;
  /** Signs for `muster auth add`. */
  readonly signCertificate?: CertificateSigner;
  /** Where and what to write of requests; absent: nothing. */
  readonly audit?: AuditOptions;
  /** Further conditions of `/readyz`, by name. */
  readonly healthChecks?: Readonly<Record<string, HealthCheck>>;
  /** Whether the key still belongs to the member; without it, every certificate of the CA counts. */
  readonly isMemberKey?: (memberName: string, publicKeySha256: string) => boolean;
}

export interface RemoteAddress {
  readonly address: string;
  readonly port: number;
}

/** Serves the Kubernetes API of the cluster from this member's store. */
export interface ApiServer {
  /** Takes over a connection on which the client's TLS handshake comes next. */
  handleConnection(socket: Socket, remote: RemoteAddress): void;
  /** Opens a port of its own; answers the port, for tests that ask for 0. */
  listen(port: number, host: string): Promise<number>;
  /** Presents another certificate of the member from the next connection on; to clients `outward`, if there is one. */
  replaceCertificate(tls: CertificateAndKey, outward?: CertificateAndKey): void;
  /** A certificate that people have brought, for clients who ask for what it carries; undefined takes it back. */
  showCustom(custom: CertificateAndKey | undefined): void;
  /**
   * Cuts the connections of clients for whom no authority vouches any more, and those without a certificate: whoever
   * still has a login, or a token, comes back with it.
   */
  cutVoidLogins(): void;
  /** Ends watches, lets short requests finish, then closes what is left. */
  close(): Promise<void>;
}

const minVersion = 'TLSv1.2';
const handshakeTimeoutMs = 10_000;
const closeGraceMs = 2_000; // requests that take longer are cut off at shut-down
const http2 = {
  maxConcurrentStreams: 250, // each watch is a stream; clients open another connection beyond that
  maxSessionMemoryMB: 256, // counts what waits for slow readers; the default of 10 breaks big lists
};

export function createApiServer(deps: ApiServerDeps): ApiServer {
  const { store, clock, tls } = deps;
  // For the names of whom clients may be signed by, which stay when the authority is exchanged.
  const ca = deps.authorities().join('');
  const logger = deps.logger.child({ part: 'apiserver', member: deps.memberName });
  const stopping = new AbortController();
  const registry = createKindRegistry(store, logger);
  const policies = createPolicyCache(store);
  const authorizer = createAuthorizer(policies);
  const tokens = createServiceAccountTokens(deps.tokenKeys, { store, clock });
  const oidc = createOidcIssuer({ settings: createOidcSettings(store), clock, logger });
  const flow = createFlowControl();
  const metrics = createApiMetrics({ store, registry, flow, version: deps.version });
  const audit =
    deps.audit === undefined
      ? noAuditLog
      : createAuditLog(deps.audit, { clock, logger, dropped: (lines) => metrics.countDroppedAudit(lines) });
  const serverDeps: ServerDeps = {
    ...{ store, clock, logger, registry, policies, authorizer, tokens, stopping: stopping.signal },
    ...{ flow, metrics, audit, signCertificate: deps.signCertificate },
    authenticateToken: createTokenAuthenticator(tokens, [oidc]),
  };
  const stopUpkeep = startUpkeep(serverDeps);
  const server = createSecureServer({
    cert: tls.certPem,
    key: tls.keyPem,
    ca,
    allowHTTP1: true,
    minVersion,
    SNICallback: (serverName, decide) => decide(null, shown.choose(serverName)),
    // Everybody may connect; who they are, and whether that suffices, is decided request by request.
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
    settings: { maxConcurrentStreams: http2.maxConcurrentStreams },
    maxSessionMemory: http2.maxSessionMemoryMB,
  });
  const shown = createShownCertificates({
    member: tls,
    common: { ca, minVersion },
    setDefault: (options) => server.setSecureContext(options),
  });
  if (deps.outward !== undefined) shown.replaceMember(tls, deps.outward);
  const addresses = createRemoteAddresses(server);
  const connections = trackConnections(server);
  limitIdleConnections(server, clock);
  server.on('tlsClientError', (error) => {
    logger.debug({ error: describeError(error) }, 'a TLS handshake failed');
  });
  server.on('sessionError', (error) => {
    logger.debug({ error: describeError(error) }, 'an HTTP/2 session failed');
  });
  const requestDeps = buildRequestDeps(deps, serverDeps);
  const requests = createRequestListener(requestDeps, serverDeps, (request) => addresses.of(request));
  server.on('request', (request, response) => {
    requests.listen(request, response);
  });

  return {
    handleConnection(socket, { address }) {
      socket.on('error', (error) => {
        logger.debug({ address, error: describeError(error) }, 'a connection broke');
      });
      addresses.remember(address, () => server.emit('connection', socket));
    },
    replaceCertificate: shown.replaceMember,
    showCustom: shown.showCustom,
    cutVoidLogins() {
      connections.cut((socket) => isVoidLogin(socket, requestDeps));
    },
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    async close() {
      stopping.abort();
      stopUpkeep();
      const closed = new Promise<void>((resolve) => {
        if (server.listening) server.close(() => resolve());
        else resolve();
      });
      await Promise.race([requests.idle(), clock.sleep(closeGraceMs)]);
      await connections.close(clock);
      await closed;
      await audit.close();
      registry.close();
      policies.close();
    },
  };
}

function isVoidLogin(socket: TLSSocket, { authenticate }: Pick<RequestDeps, 'authenticate'>): boolean {
  try {
    return authenticate(socket) === anonymousUser;
  } catch {
    return true; // It says to whom it answers that this is nobody.
  }
}

function buildRequestDeps(deps: ApiServerDeps, server: ServerDeps): RequestDeps {
  const subresources = deps.subresources ?? [];
  const discovery = createDiscovery(server.registry, subresources);
  return {
    server,
    subresources,
    extraRoutes: deps.extraRoutes ?? [],
    authenticate: createCertificateAuthenticator({
      authorities: deps.authorities,
      clock: deps.clock,
      identities: createIdentities(server.store),
      ...(deps.isMemberKey === undefined ? {} : { isMemberKey: deps.isMemberKey }),
    }),
    pathHandlers: [
      (exchange) => discovery.answer(exchange),
      createHealthHandler(server, deps.healthChecks),
      createMetricsHandler(server.metrics),
      createVersionHandler(deps.version),
      createOpenApiHandler(server.registry),
      createIndexHandler(server.registry),
    ],
  };
}
