import { CORE_SCHEMA, load, mergeTag, YAMLException } from 'js-yaml';
import { DecodeError, maxDepth } from './decode-error.ts';
import { decodeJson } from './decode-json.ts';

const schema = CORE_SCHEMA.withTags(mergeTag);
/** Generous for hand-written files with anchors. */
const maxAliases = 200;
/** A document of a few lines can name a tree of billions through aliases of aliases. */
const maxNodes = 1_000_000;

/**
 * Decodes one YAML document into plain JSON values of its own, with every alias copied out. Clients mostly send JSON
 * under the name of YAML; that keeps the exactness of the JSON decoder. Repeated keys are an error in YAML.
 */
export function decodeYaml(bytes: Uint8Array | string): unknown {
  const text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);
  if (text.trim() === '') throw new DecodeError('yaml: the document is empty');
  const asJson = text.trimStart().startsWith('{') ? tryJson(text) : undefined;
  return asJson ?? copyPlain(loadDocument(text), { nodes: 0 }, 0);
}

/** YAML in flow style begins with a brace as well. */
function tryJson(text: string): unknown {
  try {
    const { value, duplicateFields } = decodeJson(text);
    return duplicateFields.length === 0 ? value : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function loadDocument(text: string): unknown {
  try {
    return load(text, { schema, maxAliases, maxDepth });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new DecodeError(`yaml: ${error.message}`, { cause: error });
  }
}

function copyPlain(value: unknown, count: { nodes: number }, depth: number): unknown {
  count.nodes += 1;
  if (count.nodes > maxNodes) throw new DecodeError('yaml: the document grows too large through its aliases');
  // An alias inside its own anchor ends here as well.
  if (depth > maxDepth) throw new DecodeError(`yaml: exceeded max depth of ${maxDepth}`);
  if (Array.isArray(value)) return value.map((item) => copyPlain(item, count, depth + 1));
  if (typeof value !== 'object' || value === null) return plainScalar(value);
  const entries = Object.entries(value).map(([key, member]) => {
    if (key === '__proto__') throw new DecodeError('yaml: the key "__proto__" is not allowed');
    return [key, copyPlain(member, count, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function plainScalar(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new DecodeError(`yaml: ${value} has no form in JSON`);
  }
  return value;
}
