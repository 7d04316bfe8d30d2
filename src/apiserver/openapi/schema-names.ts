import type { ServedKind } from '../schema/served-kind.ts';

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** The shared types that schemas of kinds point to. */
export const metaTypes = {
  deleteOptions: `${metaPackage}.DeleteOptions`,
  listMeta: `${metaPackage}.ListMeta`,
  objectMeta: `${metaPackage}.ObjectMeta`,
  patch: `${metaPackage}.Patch`,
  status: `${metaPackage}.Status`,
  scale: 'io.k8s.api.autoscaling.v1.Scale',
  tokenRequest: 'io.k8s.api.authentication.v1.TokenRequest',
  certificateRequest: 'dev.muster.v1alpha1.CertificateRequest',
};

type Identified = Pick<ServedKind, 'builtIn' | 'group' | 'version'>;

/** `dev.muster.v1alpha1.Instance`; the names that Kubernetes' own kinds have there. */
export function schemaName(kind: Identified, typeName: string): string {
  return `${packageOf(kind)}.${kind.version}.${typeName}`;
}

function packageOf({ builtIn, group }: Identified): string {
  if (!builtIn) return group.split('.').toReversed().join('.');
  return `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? group)}`;
}

/** `api/v1` or `apis/GROUP/VERSION`: the key of a document and the start of its paths. */
export function documentPath({ group, version }: Pick<ServedKind, 'group' | 'version'>): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

export function groupVersionKind({ group, version }: Pick<ServedKind, 'group' | 'version'>, kind: string) {
  return { group, version, kind };
}
