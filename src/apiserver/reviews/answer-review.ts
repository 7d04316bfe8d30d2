import { apiError, isApiError } from '../../api/api-error.ts';
import { mastersGroup } from '../../api/names.ts';
import type { User } from '../authn/user.ts';
import type { Attributes, PolicyRule } from '../authz/policy-rule.ts';
import { decodeObject } from '../decode/decode-body.ts';
import { headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { checkEnvelope } from '../registry/prepare-object.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { PlainAnswer, ResourceContext } from '../verbs/resource-context.ts';

const reviewGroups = ['authentication.k8s.io', 'authorization.k8s.io'];

/** Questions in the form of objects: answered at once, never stored. */
export function isReview({ served }: ResourceKind): boolean {
  return served.builtIn && reviewGroups.includes(served.group);
}

export async function answerReview(deps: ServerDeps, context: ResourceContext): Promise<PlainAnswer> {
  const { exchange, kind } = context;
  const contentType = headerOf(exchange.request, 'content-type');
  const { value } = decodeObject(await readBody(exchange), contentType, kind.served.kind);
  const review = kind.schema.prune(checkEnvelope(kind, value)).object;
  const spec = isJsonObject(review['spec']) ? review['spec'] : {};
  const status = await answer(deps, context, spec);
  return { kind: 'plain', code: 201, body: { ...review, status, ...hideToken(kind, spec) } };
}

/** What proves somebody's identity is not repeated, not even to those who know it. */
function hideToken({ served }: ResourceKind, spec: JsonObject): object {
  if (served.kind !== 'TokenReview') return {};
  const { token: _token, ...rest } = spec;
  return { spec: rest };
}

function answer(
  deps: ServerDeps,
  { kind, user, info }: ResourceContext,
  spec: JsonObject,
): object | Promise<object> {
  switch (kind.served.kind) {
    case 'SelfSubjectReview':
      return { userInfo: describeUser(user) };
    case 'TokenReview':
      return reviewToken(deps, spec);
    case 'SelfSubjectRulesReview':
      return rulesOf(deps, user, spec);
    case 'SelfSubjectAccessReview':
      return decide(deps, user, readAttributes(kind, spec, undefined));
    case 'SubjectAccessReview':
      return decide(deps, readSubject(spec), readAttributes(kind, spec, undefined));
    case 'LocalSubjectAccessReview':
      return decide(deps, readSubject(spec), readAttributes(kind, spec, info.namespace));
    default:
      throw apiError('MethodNotAllowed', `reviews of kind ${kind.served.kind} are not served`);
  }
}

function describeUser({ name, groups, uid }: User): object {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups };
}

async function reviewToken({ authenticateToken, tokens }: ServerDeps, spec: JsonObject): Promise<object> {
  const token = textAt(spec, 'token');
  const audiences = Array.isArray(spec['audiences']) ? spec['audiences'].map(String) : [];
  try {
    const user =
      audiences.length === 0 ? await authenticateToken(token) : await tokens.verify(token, audiences);
    return {
      authenticated: true,
      user: describeUser(user),
      ...(audiences.length === 0 ? {} : { audiences }),
    };
  } catch (error) {
    if (!isApiError(error, 'Unauthorized')) throw error;
    return { authenticated: false, error: 'the token is not good' };
  }
}

function decide({ authorizer }: ServerDeps, user: User, attributes: Attributes): object {
  const { isAllowed, reason } = authorizer.decide(user, attributes);
  return { allowed: isAllowed, ...(reason === '' ? {} : { reason }) };
}

function readSubject(spec: JsonObject): User {
  return {
    name: textAt(spec, 'user'),
    groups: Array.isArray(spec['groups']) ? spec['groups'].map(String) : [],
  };
}

function readAttributes(
  kind: ResourceKind,
  { resourceAttributes: resource, nonResourceAttributes: path }: JsonObject,
  namespace: string | undefined,
): Attributes {
  if (isJsonObject(resource) === isJsonObject(path)) {
    const problem = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw invalidObject(kind.served, '', [
      fieldCause.invalid('spec.resourceAttributes', resource ?? null, problem),
    ]);
  }
  if (isJsonObject(path)) return { path: textAt(path, 'path'), verb: textAt(path, 'verb') };
  const attributes = isJsonObject(resource) ? resource : {};
  const given = namespace ?? textAt(attributes, 'namespace');
  const [name, subresource] = [textAt(attributes, 'name'), textAt(attributes, 'subresource')];
  return {
    verb: textAt(attributes, 'verb'),
    group: textAt(attributes, 'group'),
    resource: textAt(attributes, 'resource'),
    ...(given === '' ? {} : { namespace: given }),
    ...(name === '' ? {} : { name }),
    ...(subresource === '' ? {} : { subresource }),
  };
}

function rulesOf({ authorizer }: ServerDeps, user: User, spec: JsonObject): object {
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const rules: readonly Partial<PolicyRule>[] = user.groups.includes(mastersGroup)
    ? [everything, { verbs: ['*'], nonResourceURLs: ['*'] }]
    : authorizer.rulesFor(user, textAt(spec, 'namespace'));
  return {
    resourceRules: rules.filter((rule) => isGiven(rule.resources)).map(withoutEmptyLists),
    nonResourceRules: rules.filter((rule) => isGiven(rule.nonResourceURLs)).map(withoutEmptyLists),
    incomplete: false,
  };
}

function isGiven(list: readonly string[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

function withoutEmptyLists(rule: Partial<PolicyRule>): object {
  return Object.fromEntries(Object.entries(rule).filter(([, list]) => list.length > 0));
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}
