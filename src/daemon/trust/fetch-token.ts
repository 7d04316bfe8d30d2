import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import { pause } from '../../runtime/backoff.ts';
import { fetchAuthority } from '../join/inspect-member.ts';
import type { JoinElsewhere } from '../join/join-protocol.ts';
import { OperatorError } from '../operator-error.ts';
import { signOwnCertificate } from '../pki/certificates.ts';
import { postToMember } from '../post-to-member.ts';
import { trustPath, type TrustAnswer, type TrustRequest } from './trust-protocol.ts';

export interface FetchTokenOptions extends TrustRequest {
  /** `host:port` of any member. */
  readonly memberAddress: string;
  /** SHA-256 of the certificate of the cluster's authority. */
  readonly fingerprint: string;
  readonly keyPem: string;
  readonly clock: Clock;
}

const limits = { connectMs: 5_000, replyMs: 30_000 };
const patienceMs = 30_000;
const retryMs = 1_000;

/** Gets a join token for the trust password. The password is sent to nobody whom the fingerprint does not vouch for. */
export async function fetchToken(options: FetchTokenOptions, parent: AbortSignal): Promise<string> {
  const { memberAddress, fingerprint, name, password, keyPem, clock } = options;
  using deadline = createDeadline(clock, patienceMs, 'asking for a join token', parent);
  const { signal } = deadline;
  const caPem = await fetchAuthority(memberAddress, fingerprint, { clock, signal }).catch(
    (error: unknown) => {
      throw new OperatorError(`cannot connect to ${memberAddress}: ${describeError(error)}`);
    },
  );
  if (caPem === undefined) {
    throw new OperatorError(
      `${memberAddress} presents another certificate than the one with the fingerprint ${fingerprint}`,
    );
  }
  const certPem = await signOwnCertificate(keyPem, name, clock.now());
  const content: TrustRequest = { name, password };
  let address = memberAddress;
  let problem = 'nobody answered';
  while (!signal.aborted) {
    const { code, body } = await postToMember(
      { address, path: trustPath, content },
      { authorities: [caPem], certPem, keyPem },
      limits,
    );
    if (code === 200) return (body as unknown as TrustAnswer).token; // from a member that the fingerprint vouches for
    const { leaderAddress } = body as Partial<JoinElsewhere>;
    problem = typeof body['message'] === 'string' ? body['message'] : `it answered ${code}`;
    if (code === 307 && leaderAddress !== undefined && leaderAddress !== address) {
      address = leaderAddress;
      continue;
    }
    if (code < 500 && code !== 307) throw new OperatorError(`the cluster refused: ${problem}`);
    await pause(clock, retryMs, signal);
  }
  parent.throwIfAborted();
  throw new OperatorError(`no member gave a token within ${patienceMs / 1_000} s: ${problem}`);
}
