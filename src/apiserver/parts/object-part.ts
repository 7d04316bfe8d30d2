import type { ResourceVerb } from '../http/request-info.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { ResourceContext, VerbAnswer } from '../verbs/resource-context.ts';

/**
 * A part of stored objects that has an address of its own: `status`, `scale`. One file describes it and serves it;
 * discovery and OpenAPI read the description. (What is not stored with the object, such as the content of an image,
 * is a `Subresource`, and comes from outside of the API server.)
 */
export interface ObjectPart {
  readonly name: string;
  readonly verbs: readonly ResourceVerb[];
  /** What is sent and answered, where that is not the object itself. */
  readonly document?: PartDocument;
  isPartOf(kind: ServedKind): boolean;
  /** Called after authentication and authorization, for its verbs only. */
  handle(deps: ServerDeps, context: ResourceContext): Promise<VerbAnswer>;
}

export interface PartDocument {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The name of its schema in OpenAPI. */
  readonly schemaName: string;
}
