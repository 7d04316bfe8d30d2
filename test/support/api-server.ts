import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { type ApiServer, type ApiServerDeps, createApiServer } from '../../src/apiserver/api-server.ts';
import { encodeJson } from '../../src/apiserver/schema/encode-json.ts';
import { signClientCertificate } from '../../src/daemon/pki/certificates.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createTestClient } from './api-client.ts';
import { type InMemoryStore, createInMemoryStore } from './in-memory-store.ts';
import { type IssuedCertificate, type TestPki, createTestPki } from './certificates.ts';

export interface TestTls {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export interface TestApiServer {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  readonly adminTls: TestTls;
  readonly pki: TestPki;
  readonly store: InMemoryStore;
  readonly server: ApiServer;
  /** Credentials of another person. */
  tlsFor(user: string, groups?: readonly string[]): Promise<TestTls>;
  close(): Promise<void>;
}

/** A real API server over an in-memory store, with the kinds of `crds/` in place, on a free port. */
export async function startTestApiServer(overrides: Partial<ApiServerDeps> = {}): Promise<TestApiServer> {
  const pki = await createTestPki();
  const member = await pki.issueMember('member-1');
  const admin = await pki.issueClient('admin', ['system:masters']);
  const store = createInMemoryStore();
  const authorities = [pki.caPem];
  const tokenKeys = [randomBytes(32)] as const;
  const server = createApiServer({
    store,
    tls: { certPem: member.certPem, keyPem: member.keyPem },
    authorities: () => authorities,
    memberName: 'member-1',
    tokenKeys: () => tokenKeys,
    signCertificate: (request) =>
      signClientCertificate(
        { certPem: pki.caPem, keyPem: pki.caKeyPem },
        { ...request, groups: [] },
        systemClock.now(),
      ),
    clock: systemClock,
    logger: silentLogger,
    version: '0.0.0-test',
    ...overrides,
  });
  const port = await server.listen(0, '127.0.0.1');
  const url = `https://127.0.0.1:${port}`;
  const toTls = ({ certPem, keyPem }: IssuedCertificate): TestTls => ({ caPem: pki.caPem, certPem, keyPem });
  const adminTls = toTls(admin);
  await installDefinitions(url, adminTls);
  return {
    ...{ url, adminTls, pki, store, server },
    tlsFor: async (user, groups = []) => toTls(await pki.issueClient(user, groups)),
    async close() {
      await server.close();
      store.close();
    },
  };
}

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const definitionsFolder = join(import.meta.dirname, '../../crds');

async function installDefinitions(url: string, tls: TestTls): Promise<void> {
  const api = createTestClient(url, tls);
  for (const namespace of ['default', 'muster-system']) {
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  }
  for (const file of readdirSync(definitionsFolder)) {
    const definition = load(readFileSync(join(definitionsFolder, file), 'utf8'));
    const answer = await api.send('POST', definitionsPath, definition);
    if (answer.code !== 201) throw new Error(`${file} is refused: ${encodeJson(answer.body)}`);
  }
  await api.close();
}
