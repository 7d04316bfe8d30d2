/** One line of the Kubernetes API as it looks on the wire. */
export interface WireRow {
  /** Section of docs/kubernetes-compatibility.md. */
  readonly section: string;
  readonly name: string;
  readonly request: readonly [method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT', path: string];
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly reason?: string;
  /** What the message of the Status, or the text of another answer, has to match. */
  readonly says?: RegExp;
  readonly type?: string;
}

export const widgets = '/apis/example.com/v1/namespaces/default/widgets';
export const configMaps = '/api/v1/namespaces/default/configmaps';
export const web = `${widgets}/web`;
export const merge = { 'content-type': 'application/merge-patch+json' };
export const jsonPatch = { 'content-type': 'application/json-patch+json' };
export const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
export const applied = { 'content-type': 'application/apply-patch+yaml' };
export const typed = { apiVersion: 'example.com/v1', kind: 'Widget' };
export const widget = (name: string, more: object = {}): object => ({
  ...typed,
  metadata: { name },
  ...more,
});
export const as = (shape: string): { accept: string } => ({
  accept: `application/json;as=${shape};v=v1;g=meta.k8s.io`,
});
