import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { decodeJoinToken, JoinTokenError, type JoinToken } from '../../api/join-token.ts';
import { systemClock } from '../../base/clock.ts';
import { writePeersFile } from '../../consensus/membership/peers-file.ts';
import { isMissing } from '../config.ts';
import { createDataDir, describeDataDir, type DataDir } from '../data-dir.ts';
import { joinCluster, lookUpQuestions } from '../join/join-cluster.ts';
import type { MemberConfigEntry } from '../join/member-config.ts';
import { OperatorError } from '../operator-error.ts';
import { createPrivateKeyPem } from '../pki/key-pair.ts';
import { tell } from '../tell.ts';
import { readFeatureLevels, readVersion } from '../version.ts';
import { writeFileAtomically } from '../write-file.ts';
import { removeMember, writeMember } from '../write-member.ts';
import { prepareMember, type PrepareFlags } from './prepare.ts';

export interface JoinFlags extends PrepareFlags {
  readonly token: string;
  readonly memberConfig?: readonly MemberConfigEntry[];
}

/** Prints, as JSON, what this host would be asked; it does not join, and keeps no more than its key. */
export async function printQuestions(flags: JoinFlags): Promise<void> {
  const token = readToken(flags.token);
  const dataDir = describeDataDir(flags.dataDir);
  await createDataDir(dataDir);
  const keyPem = await ensureKey(dataDir);
  const { address } = flags;
  const options = {
    token,
    address,
    keyPem,
    version: readVersion(),
    clock: systemClock,
    tell,
    featureLevels: readFeatureLevels(),
  };
  const questions = await lookUpQuestions(options, AbortSignal.timeout(questionsMs));
  process.stdout.write(`${JSON.stringify({ serverName: token.serverName, memberConfig: questions })}\n`);
}

const questionsMs = 30_000;

/** Makes this host a member of the cluster that issued the token. */
export async function joinMember(flags: JoinFlags): Promise<void> {
  const token = readToken(flags.token === '-' ? await text(process.stdin) : flags.token);
  await prepareMember(flags, async (dataDir) => {
    try {
      await join(dataDir, flags, token);
    } catch (error) {
      // The key stays: with it, and only with it, an answer that was lost on its way can be asked for again.
      await removeMember(dataDir);
      throw error;
    }
  });
}

async function join(
  dataDir: DataDir,
  { address, listen, clientAddress = [], memberConfig = [] }: JoinFlags,
  token: JoinToken,
): Promise<void> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new OperatorError('joining was interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const keyPem = await ensureKey(dataDir);
    const options = {
      token,
      address,
      keyPem,
      version: readVersion(),
      featureLevels: readFeatureLevels(),
      memberConfig,
      clock: systemClock,
      tell,
    };
    const { clusterId, id, authority, exchange, certPem, peers } = await joinCluster(options, stop.signal);
    const name = token.serverName;
    const config = {
      ...{ clusterId, id, name, address },
      ...(listen === undefined ? {} : { listen }),
      ...(clientAddress.length === 0 ? {} : { clientAddresses: clientAddress }),
    };
    await writePeersFile(dataDir.peers, peers);
    const keys = { authority, member: { certPem, keyPem } };
    const made = { config, ...keys, ...(exchange === undefined ? {} : { exchange }) };
    await writeMember(dataDir, made, systemClock);
    tell(`joined cluster ${clusterId} as ${name}`);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function readToken(line: string): JoinToken {
  try {
    return decodeJoinToken(line);
  } catch (error) {
    if (error instanceof JoinTokenError) throw new OperatorError(error.message);
    throw error;
  }
}

async function ensureKey({ memberKey }: DataDir): Promise<string> {
  try {
    return await readFile(memberKey, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const keyPem = createPrivateKeyPem();
  await writeFileAtomically(memberKey, keyPem, 0o600);
  return keyPem;
}
