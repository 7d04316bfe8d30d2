import { dumpYaml } from '@kubernetes/client-node';

/** An object as YAML for people, in the way of `kubectl get -o yaml`. */
export function formatYaml(value: object): string {
  return dumpYaml(value, { noRefs: true, lineWidth: -1 });
}
