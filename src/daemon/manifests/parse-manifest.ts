import { CORE_SCHEMA, loadAll, mergeTag, YAMLException } from 'js-yaml';
import type { KubernetesObject } from '../../api/meta.ts';

export interface ManifestObject {
  readonly object: KubernetesObject;
  /** Where its document begins, counted from 1. */
  readonly line: number;
}

export type ParsedManifest =
  | { readonly objects: readonly ManifestObject[]; readonly problem?: undefined }
  | { readonly problem: string; readonly line: number };

const schema = CORE_SCHEMA.withTags(mergeTag);
const limits = { maxAliases: 200, maxDepth: 100 };

/** Reads one file. One broken document makes the whole file broken: half a file is nobody's intention. */
export function parseManifest(text: string): ParsedManifest {
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema, ...limits });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return { problem: error.reason, line: (error.mark?.line ?? 0) + 1 };
  }
  const starts = findDocumentStarts(text);
  const objects: ManifestObject[] = [];
  for (const [index, document] of documents.entries()) {
    const line = starts[index] ?? 1;
    for (const value of expandList(document)) {
      const problem = findProblem(value);
      if (problem !== undefined) return { problem, line };
      // A copy through JSON has no shared references and none of YAML's own types.
      objects.push({ object: JSON.parse(JSON.stringify(value)) as KubernetesObject, line });
    }
  }
  return { objects };
}

/** A document that holds only comments is null; a List stands for its items. */
function expandList(document: unknown): readonly unknown[] {
  if (document === null || document === undefined) return [];
  if (isRecord(document) && document['kind'] === 'List' && Array.isArray(document['items'])) {
    return document['items'];
  }
  return [document];
}

function findProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'a manifest has to be a mapping with apiVersion, kind and metadata';
  const { apiVersion, kind, metadata } = value;
  if (!isText(apiVersion)) return 'apiVersion is missing';
  if (!isText(kind)) return 'kind is missing';
  if (!isRecord(metadata) || !isText(metadata['name'])) return `${kind}: metadata.name is missing`;
  const { namespace } = metadata;
  if (namespace !== undefined && !isText(namespace)) return `${kind}: metadata.namespace is no text`;
  return undefined;
}

function findDocumentStarts(text: string): number[] {
  const lines = text.split('\n');
  const isContent = (line: string): boolean => line.trim() !== '' && !/^(#|---(\s|$)|%)/.test(line);
  const starts: number[] = [];
  let pending = true;
  for (const [index, line] of lines.entries()) {
    if (/^---(\s|$)/.test(line)) {
      // Two markers without content between them enclose an empty document, which counts.
      if (pending && starts.length > 0) starts.push(index);
      pending = true;
    }
    if (!pending || !isContent(line)) continue;
    starts.push(index + 1);
    pending = false;
  }
  return starts;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
