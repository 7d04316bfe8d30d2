import type { ObjectMeta } from '../../api/meta.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { checkFieldSelector, matchesFields, parseFieldSelector } from '../selectors/field-selector.ts';
import { matchesLabels, parseLabelSelector } from '../selectors/label-selector.ts';

/** Which objects of a collection a request is about. */
export interface Selection {
  /** True when no selector was given: everything matches. */
  readonly isEverything: boolean;
  matches(object: JsonObject): boolean;
}

export function parseSelection(query: URLSearchParams, kind: ResourceKind): Selection {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  checkFieldSelector(fields, kind.served);
  return {
    isEverything: labels.length === 0 && fields.length === 0,
    matches(object) {
      const metadata: ObjectMeta = metadataOf(object);
      return (
        matchesLabels(labels, metadata.labels) &&
        matchesFields(fields, (field) => kind.schema.selectableValue(object, field))
      );
    },
  };
}
