import { formatMicroTime } from '../../api/timestamp.ts';
import { isMoreThanMetadata, type AuditLevel } from './audit-policy.ts';
import type { User } from '../authn/user.ts';
import { type Exchange, headerOf } from '../http/exchange.ts';

export interface AuditedAnswer {
  readonly level: AuditLevel;
  readonly code: number;
  readonly contentType?: string;
  readonly body?: Uint8Array | string;
  readonly receivedMs: number;
  readonly nowMs: number;
}

const maxObjectBytes = 256 * 1024; // one request must not fill the log

/** An `audit.k8s.io/v1` Event, as one value of JSON. Header values are left out: some of them are credentials. */
export function buildAuditEvent(exchange: Exchange, answer: AuditedAnswer): object {
  const { log, request, url, method, info, auditId } = exchange;
  const { level, code, receivedMs, nowMs } = answer;
  const { address, decision } = log;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level,
    auditID: auditId,
    stage: 'ResponseComplete',
    requestURI: url.pathname + url.search,
    verb: info?.verb ?? method.toLowerCase(),
    user: describeUser(log.sender),
    ...(log.actsAs === undefined ? {} : { impersonatedUser: describeUser(log.actsAs) }),
    ...(address === undefined ? {} : { sourceIPs: [address] }),
    userAgent: headerOf(request, 'user-agent') ?? '',
    ...(info?.isResource === true ? { objectRef: describeObject(exchange) } : {}),
    responseStatus: { metadata: {}, code },
    ...(isMoreThanMetadata(level) ? objectOf('requestObject', log.requestBody) : {}),
    ...(level === 'RequestResponse' && answer.contentType === 'application/json'
      ? objectOf('responseObject', answer.body)
      : {}),
    requestReceivedTimestamp: formatMicroTime(receivedMs),
    stageTimestamp: formatMicroTime(nowMs),
    ...(decision === undefined
      ? {}
      : {
          annotations: {
            'authorization.k8s.io/decision': decision.isAllowed ? 'allow' : 'forbid',
            'authorization.k8s.io/reason': decision.reason,
          },
        }),
  };
}

function describeUser(user: User | undefined): object {
  if (user === undefined) return {};
  const { name, uid, groups, extra } = user;
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}

function describeObject({ info }: Exchange): object {
  if (info?.isResource !== true) return {};
  const { group, version, resource, subresource, namespace, name } = info;
  return {
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(group === '' ? {} : { apiGroup: group }),
    apiVersion: version,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** What is no JSON, such as protobuf and YAML, and what is too large, is named by its size. */
function objectOf(field: string, body: Uint8Array | string | undefined): object {
  if (body === undefined || body.length === 0) return {};
  const omitted = { [field]: { omitted: `${body.length} bytes` } };
  if (body.length > maxObjectBytes) return omitted;
  try {
    const text = typeof body === 'string' ? body : Buffer.from(body).toString();
    return { [field]: JSON.parse(text) as unknown };
  } catch {
    return omitted;
  }
}
