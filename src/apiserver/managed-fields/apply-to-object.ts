import { type Applied, type ApplyRequest, applyConfiguration } from './apply-configuration.ts';
import { refuseConflicts } from './conflicts.ts';
import { fieldsOfLastApplied, migratingManager, rewriteLastApplied } from './last-applied.ts';
import { decodeStoredManagers } from './manager.ts';
import { isEmptySet, subtract } from './sets/field-set.ts';
import { managedFieldsOf } from './managed-fields-of.ts';

type Success = Extract<Applied, { readonly kind: 'applied' }>;

/** Applies, or throws the 409 with every conflict; users of client-side apply do not conflict with themselves. */
export function applyToObject(applied: Omit<ApplyRequest, 'managers'>): Success {
  const request = { ...applied, managers: decodeStoredManagers(managedFieldsOf(applied.live)) };
  const success = applyOrRefuse(request);
  if (request.self.name !== migratingManager) return success;
  return { ...success, object: rewriteLastApplied(success.object, request.configuration) };
}

function applyOrRefuse(request: ApplyRequest): Success {
  const applied = applyConfiguration(request);
  if (applied.kind === 'applied') return applied;
  const { live, self, findType } = request;
  const type = findType(self.apiVersion);
  if (self.name !== migratingManager || type === undefined) throw refuseConflicts(applied.conflicts);
  const own = fieldsOfLastApplied(live, type);
  const remaining = applied.conflicts
    .map(({ manager, fields }) => ({ manager, fields: subtract(fields, own) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (remaining.length > 0) throw refuseConflicts(remaining);
  return applyOrRefuse({ ...request, isForced: true });
}
