import { apiError } from '../../api/api-error.ts';
import { unsupportedMediaType } from '../decode/decode-body.ts';
import { parseMediaType } from '../http/accept.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { applyPatchType } from './apply-object.ts';

/** Makes of an object what the patch says; throws the refusal of a patch that cannot be applied. */
export type Patcher = (object: JsonObject, patch: unknown) => JsonObject;

const jsonPatchType = 'application/json-patch+json';
const mergePatchType = 'application/merge-patch+json';
const strategicPatchType = 'application/strategic-merge-patch+json';

/** By the type of the body; server-side apply is not among them, since it needs more than the object. */
export function choosePatcher(
  contentType: string,
  { isStrategic }: { readonly isStrategic: boolean },
): Patcher {
  switch (parseMediaType(contentType).type) {
    case jsonPatchType:
      return (object, patch) => checkResult(applyJsonPatch(object, patch));
    case mergePatchType:
      return mergeObjects;
    case strategicPatchType:
      if (isStrategic) return (object, patch) => checkResult(applyStrategicMergePatch(object, patch));
      break;
    default:
  }
  const accepted = [
    jsonPatchType,
    mergePatchType,
    applyPatchType,
    ...(isStrategic ? [strategicPatchType] : []),
  ];
  throw unsupportedMediaType(accepted.join(', '));
}

function mergeObjects(object: JsonObject, patch: unknown): JsonObject {
  if (!isJsonObject(patch))
    throw apiError('BadRequest', 'error decoding patch: a merge patch must be an object');
  return checkResult(applyMergePatch(object, patch));
}

function checkResult(patched: unknown): JsonObject {
  if (isJsonObject(patched)) return patched;
  throw apiError('BadRequest', 'error decoding patch: the result is not an object');
}
