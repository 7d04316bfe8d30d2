import type { FeatureLevels } from '../../api/feature-level.ts';
import type { Peer } from '../../consensus/membership/membership.ts';
import type { OpenExchange } from '../authority/exchange-record.ts';
import type { MemberConfigEntry, MemberConfigQuestion } from './member-config.ts';

export const joinPath = '/muster/v1/join';
/** Answers what a host may be asked before it joins; the token is not used up. */
export const joinQuestionsPath = `${joinPath}/questions`;

/**
 * What a joining host sends. It calls with a certificate that it signed itself with the same key, so that the
 * TLS handshake proves that it holds the private half.
 */
export interface JoinRequest {
  readonly name: string;
  readonly secret: string;
  /** `host:port` at which the others will reach it. */
  readonly address: string;
  /** PEM, SubjectPublicKeyInfo, ECDSA P-256. */
  readonly publicKey: string;
  readonly version: string;
  /** What the joining release can do; one that does not say is of level 1. */
  readonly featureLevels: FeatureLevels;
  /** The new member's own part of pools and networks. */
  readonly memberConfig?: readonly MemberConfigEntry[];
}

export interface QuestionsAnswer {
  readonly questions: readonly MemberConfigQuestion[];
}

export interface JoinAnswer {
  readonly clusterId: string;
  /** The Raft node id. */
  readonly id: string;
  /** The cluster's authority; every member holds its key. */
  readonly authority: { readonly certPem: string; readonly keyPem: string };
  /** While it is exchanged for another one: both of them. */
  readonly exchange?: OpenExchange;
  readonly certPem: string;
  /** Everybody who belongs to the cluster, the new member included. */
  readonly peers: readonly Peer[];
}

/** Answered with code 307 by a member that does not lead. */
export interface JoinElsewhere {
  /** `host:port` of the member that leads. */
  readonly leaderAddress: string;
}

/** The fields as text, or which of them is missing. */
export function parseJoinRequest(body: unknown): JoinRequest | { readonly problem: string } {
  if (typeof body !== 'object' || body === null) return { problem: 'the body is not a JSON object' };
  const fields = body as Readonly<Record<string, unknown>>; // checked field by field
  const names = ['name', 'secret', 'address', 'publicKey', 'version'] as const;
  const missing = names.find((name) => typeof fields[name] !== 'string' || fields[name] === '');
  if (missing !== undefined) return { problem: `${missing} is missing` };
  const text = (name: (typeof names)[number]): string => String(fields[name]);
  const featureLevels = parseFeatureLevels(fields['featureLevels']);
  if (featureLevels === undefined) return { problem: 'featureLevels is not {newest, oldest}' };
  const memberConfig = parseMemberConfig(fields['memberConfig']);
  if (memberConfig === undefined) return { problem: `memberConfig is not a list of ${memberConfigForm}` };
  return {
    name: text('name'),
    secret: text('secret'),
    address: text('address'),
    publicKey: text('publicKey'),
    version: text('version'),
    featureLevels,
    ...(memberConfig.length === 0 ? {} : { memberConfig }),
  };
}

const memberConfigForm = '{entity: storage-pool or network, name, key, value}';

function parseFeatureLevels(value: unknown): FeatureLevels | undefined {
  if (value === undefined) return { newest: 1, oldest: 1 };
  if (typeof value !== 'object' || value === null) return undefined;
  const { newest, oldest } = value as Readonly<Record<string, unknown>>; // checked here
  return Number.isInteger(newest) && Number.isInteger(oldest)
    ? { newest: Number(newest), oldest: Number(oldest) }
    : undefined;
}

function parseMemberConfig(value: unknown): readonly MemberConfigEntry[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every(isMemberConfigEntry) ? value : undefined;
}

function isMemberConfigEntry(value: unknown): value is MemberConfigEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { entity, name, key, value: setting } = value as Readonly<Record<string, unknown>>; // checked here
  const isEntity = entity === 'storage-pool' || entity === 'network';
  return isEntity && [name, key, setting].every((text) => typeof text === 'string');
}
