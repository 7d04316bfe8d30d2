import { createHash } from 'node:crypto';
import { encodeJson } from '../schema/encode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { documentPath } from './schema-names.ts';
import { buildV2Document } from './v2-document.ts';
import { encodeV2Document } from './v2-protobuf.ts';
import { buildV3Document } from './v3-document.ts';

export interface OpenApiDocument {
  readonly body: Buffer;
  /** Of the body; it is the ETag, and part of the address that the index gives. */
  readonly hash: string;
}

/** What is published about a set of kinds. Documents are built when they are first asked for, and kept. */
export interface OpenApiDocuments {
  /** The body of `/openapi/v3`. */
  readonly index: () => JsonObject;
  /** By the path below `/openapi/v3/`: `api/v1`, `apis/muster.dev/v1alpha1`. */
  readonly v3: (path: string) => OpenApiDocument | undefined;
  /** Swagger 2.0 as JSON. */
  readonly v2: () => OpenApiDocument;
  /** Swagger 2.0 as protobuf, the form that `v2ProtobufTypes` name. */
  readonly v2Protobuf: () => OpenApiDocument;
}

/** Clients ask for the protobuf form by the first name; it is labelled with the second. */
export const v2ProtobufTypes = {
  accepted: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  sent: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
};

/** The kinds never change: after a change of what is served, make a new one. */
export function createOpenApiDocuments(kinds: readonly ServedKind[]): OpenApiDocuments {
  const groups = Map.groupBy(kinds, documentPath);
  const v3 = new Map<string, OpenApiDocument>();
  const findV3 = (path: string): OpenApiDocument | undefined => {
    const members = groups.get(path);
    const known = v3.get(path);
    if (known !== undefined || members === undefined) return known;
    const document = withHash(encodeText(buildV3Document(members)));
    v3.set(path, document);
    return document;
  };
  let v2: OpenApiDocument | undefined;
  let v2Protobuf: OpenApiDocument | undefined;
  return {
    index: () => ({
      paths: Object.fromEntries(
        [...groups.keys()].map((path) => {
          const hash = findV3(path)?.hash ?? '';
          return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
        }),
      ),
    }),
    v3: findV3,
    v2: () => (v2 ??= withHash(encodeText(buildV2Document(kinds)))),
    v2Protobuf: () => (v2Protobuf ??= withHash(encodeV2Document(buildV2Document(kinds)))),
  };
}

function encodeText(document: JsonObject): Buffer {
  return Buffer.from(encodeJson(document));
}

function withHash(body: Buffer): OpenApiDocument {
  return { body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() };
}
