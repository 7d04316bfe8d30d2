import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { memberServerName } from '../../api/names.ts';

export interface CertificateAndKey {
  /** A chain, the server's own certificate first. */
  readonly certPem: string;
  readonly keyPem: string;
}

/** Which certificate a client is shown. */
export interface ShownCertificates {
  /** For clients that name the server; undefined leaves it to the default. */
  readonly choose: (serverName: string) => SecureContext | undefined;
  /** The second one is for clients; members, and hosts that join, are shown the first one all the same. */
  readonly replaceMember: (member: CertificateAndKey, outward?: CertificateAndKey) => void;
  /** One that people have brought along; undefined takes it back. */
  readonly showCustom: (custom: CertificateAndKey | undefined) => void;
}

export interface ShownCertificatesOptions {
  readonly member: CertificateAndKey;
  readonly common: Pick<SecureContextOptions, 'ca' | 'minVersion'>;
  /** Becomes what is shown to clients that name no server: those that connect to an IP address. */
  readonly setDefault: (options: SecureContextOptions) => void;
}

/**
 * Members ask for the member's own certificate by a name of theirs. Everybody else is shown the custom one where it
 * carries what they ask for, so that it never takes away an address that worked before.
 */
export function createShownCertificates({
  member: first,
  common,
  setDefault,
}: ShownCertificatesOptions): ShownCertificates {
  const build = ({ certPem, keyPem }: CertificateAndKey): SecureContextOptions => ({
    ...common,
    cert: certPem,
    key: keyPem,
  });
  const state: { outward: CertificateAndKey; custom?: CertificateAndKey | undefined } = { outward: first };
  const firstContext = createSecureContext(build(first));
  const contexts: { member: SecureContext; outward: SecureContext; custom?: SecureContext | undefined } = {
    member: firstContext,
    outward: firstContext,
  };
  const refreshDefault = (): void => {
    const { outward, custom } = state;
    setDefault(build(custom !== undefined && carriesAddressesOf(custom, outward) ? custom : outward));
  };
  return {
    choose(serverName) {
      if (serverName === memberServerName) return contexts.member;
      if (state.custom === undefined) return contexts.outward;
      const certificate = new X509Certificate(state.custom.certPem);
      return certificate.checkHost(serverName) === undefined ? contexts.outward : contexts.custom;
    },
    replaceMember(member, outward) {
      contexts.member = createSecureContext(build(member));
      contexts.outward = outward === undefined ? contexts.member : createSecureContext(build(outward));
      state.outward = outward ?? member;
      refreshDefault();
    },
    showCustom(custom) {
      contexts.custom = custom === undefined ? undefined : createSecureContext(build(custom));
      state.custom = custom;
      refreshDefault();
    },
  };
}

const loopback = new Set(['127.0.0.1', '::1', '0:0:0:0:0:0:0:1']);

/** Whether clients may be shown it at every address at which they could be shown the other. */
function carriesAddressesOf(custom: CertificateAndKey, member: CertificateAndKey): boolean {
  const all = listAddresses(new X509Certificate(member.certPem));
  const outward = all.filter((address) => !loopback.has(address));
  const certificate = new X509Certificate(custom.certPem);
  return (outward.length === 0 ? all : outward).every(
    (address) => certificate.checkIP(address) !== undefined,
  );
}

function listAddresses({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName
    .split(', ')
    .map((entry) => entry.replace(/^IP Address:/, ''))
    .filter((text) => isIP(text) !== 0);
}
