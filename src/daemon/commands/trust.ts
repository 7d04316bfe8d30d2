import { createInterface } from 'node:readline/promises';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { readSecret } from '../../base/read-secret.ts';
import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { fetchFingerprint } from '../join/inspect-member.ts';
import { OperatorError } from '../operator-error.ts';
import { createPrivateKeyPem } from '../pki/key-pair.ts';
import { fetchToken } from '../trust/fetch-token.ts';

export interface TrustFlags {
  readonly name?: string;
  readonly addressOfMember?: string;
  readonly fingerprint?: string;
}

const inspectMs = 15_000;

/** Gets a join token for the trust password, once it is sure who asks for it. */
export async function fetchTokenForPassword({
  name,
  addressOfMember: memberAddress,
  fingerprint,
}: TrustFlags): Promise<string> {
  if (name === undefined || memberAddress === undefined) {
    throw new OperatorError('joining with the trust password needs --name and --address-of-member');
  }
  const problem = findNameProblem(name);
  if (problem !== undefined) throw new OperatorError(problem);
  const known =
    fingerprint === undefined ? await confirmFingerprint(memberAddress) : readFingerprint(fingerprint);
  const password = await readSecret('Cluster trust password');
  if (password === '') throw new OperatorError('there was no trust password on standard input');
  const options = { memberAddress, fingerprint: known, name, password };
  return fetchToken(
    { ...options, keyPem: createPrivateKeyPem(), clock: systemClock },
    new AbortController().signal,
  );
}

/** Typed or pasted in whatever form other tools print it. */
function readFingerprint(text: string): string {
  const fingerprint = text.replaceAll(':', '').trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return fingerprint;
  throw new OperatorError(
    'the fingerprint has to be the SHA-256 of the cluster certificate in hex: ' +
      '"openssl x509 -in cluster.crt -noout -fingerprint -sha256" on a member prints it',
  );
}

/** What the member at the address shows; who compares it knows whether that is the cluster. */
export async function printFingerprint({ addressOfMember }: TrustFlags): Promise<void> {
  if (addressOfMember === undefined) throw new OperatorError('pass --address-of-member');
  console.log(await inspectFingerprint(addressOfMember));
}

async function inspectFingerprint(address: string): Promise<string> {
  const waiting = { clock: systemClock, signal: AbortSignal.timeout(inspectMs) };
  const shown = await fetchFingerprint(address, waiting).catch((error: unknown) => {
    throw new OperatorError(`cannot connect to ${address}: ${describeError(error)}`);
  });
  if (shown === undefined) throw new OperatorError(`${address} is no member of a cluster`);
  return shown;
}

async function confirmFingerprint(address: string): Promise<string> {
  const shown = await inspectFingerprint(address);
  console.error(`Cluster fingerprint: ${shown}`);
  console.error('You can compare it with that of cluster.crt in the data directory of any member.');
  if (!process.stdin.isTTY) {
    throw new OperatorError(
      `nobody is there to confirm it: pass --fingerprint ${shown} if that is the cluster`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (
      await terminal.question('Is this the correct fingerprint? (yes/no/[fingerprint]) [default=no]: ')
    ).trim();
    if (answer === 'yes' || (answer.length > 3 && readFingerprint(answer) === shown)) return shown;
  } finally {
    terminal.close();
  }
  throw new OperatorError('the fingerprint was not confirmed; nothing was sent');
}
