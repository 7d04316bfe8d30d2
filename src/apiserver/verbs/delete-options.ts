import { decodeObject } from '../decode/decode-body.ts';
import { type Exchange, headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { fieldCause } from '../schema/field-cause.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { invalidOptions, parseDryRun } from './write-options.ts';

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly isDryRun: boolean;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: PropagationPolicy;
}

const policies = ['Background', 'Foreground', 'Orphan'] as const;

/** From the body, which may be empty whatever its type says, and from the query. */
export async function readDeleteOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await readBody(exchange);
  const contentType = headerOf(exchange.request, 'content-type');
  const given = body.length === 0 ? {} : decodeObject(body, contentType, 'DeleteOptions').value;
  return parseDeleteOptions(given, exchange.url.searchParams);
}

export function parseDeleteOptions(given: JsonObject, query: URLSearchParams): DeleteOptions {
  const preconditions = isJsonObject(given['preconditions']) ? given['preconditions'] : {};
  const { uid, resourceVersion } = preconditions;
  const dryRun = Array.isArray(given['dryRun']) ? given['dryRun'].map(String) : [];
  const policy = parsePolicy(given, query);
  return {
    isDryRun: parseDryRun([...dryRun, ...query.getAll('dryRun')], 'DeleteOptions'),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
  };
}

function parsePolicy(given: JsonObject, query: URLSearchParams): PropagationPolicy | undefined {
  const text = given['propagationPolicy'] ?? query.get('propagationPolicy');
  const orphan = given['orphanDependents'] ?? query.get('orphanDependents');
  const isPolicyGiven = text !== null && text !== '';
  const isOrphanGiven = orphan !== null && orphan !== '';
  if (isPolicyGiven && isOrphanGiven) {
    const problem = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalidOptions('DeleteOptions', fieldCause.invalid('propagationPolicy', text, problem));
  }
  if (isOrphanGiven) return orphan === true || orphan === 'true' ? 'Orphan' : 'Background';
  if (!isPolicyGiven) return undefined;
  const policy = policies.find((known) => known === text);
  if (policy !== undefined) return policy;
  throw invalidOptions('DeleteOptions', fieldCause.notSupported('propagationPolicy', text, [...policies]));
}
