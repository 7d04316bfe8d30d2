import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Store } from '../../consensus/store/store.ts';
import type { FlowControl } from '../flow/flow-control.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { isObjectPart } from '../parts/object-parts.ts';
import type { KindRegistry } from '../registry/kind-registry.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { addStoreMetrics } from './store-metrics.ts';

/** What operators watch: everything that this member counts, in Prometheus' form. */
export interface ApiMetrics {
  countRequest(info: RequestInfo | undefined, outcome: RequestOutcome): void;
  countDroppedAudit(lines: number): void;
  readonly contentType: string;
  format(): Promise<string>;
}

export interface RequestOutcome {
  readonly code: number;
  readonly seconds: number;
  /** How long a watch lasted says nothing about the server. */
  readonly isStream: boolean;
}

export interface ApiMetricsDeps {
  readonly store: Store;
  readonly registry: KindRegistry;
  readonly flow: FlowControl;
  readonly version: string;
}

const labelNames = ['verb', 'group', 'version', 'resource', 'subresource'] as const;
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const pathVerbs = new Set(['delete', 'get', 'head', 'options', 'patch', 'post', 'put']);

export function createApiMetrics({ store, registry, flow, version }: ApiMetricsDeps): ApiMetrics {
  const metrics = new Registry();
  const registers = [metrics];
  const requests = new Counter({
    name: 'apiserver_request_total',
    help: 'Requests by what was asked and how it was answered.',
    labelNames: [...labelNames, 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Time from the head of a request to the end of the answer; watches and streams are left out.',
    labelNames,
    buckets,
    registers,
  });
  const droppedAudit = new Counter({
    name: 'apiserver_audit_error_total',
    help: 'Lines of the audit log that could not be written.',
    registers,
  });
  new Gauge({
    name: 'muster_build_info',
    help: 'Always 1; the label says which version runs.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  addFlowMetrics(registers, flow);
  addStoreMetrics(registers, store);
  addProcessMetrics(registers);
  return {
    countRequest(info, { code, seconds, isStream }) {
      const labels = labelsOf(info, registry);
      requests.inc({ ...labels, code: String(code) });
      if (!isStream) durations.observe(labels, seconds);
    },
    countDroppedAudit: (lines) => droppedAudit.inc(lines),
    contentType: metrics.contentType,
    format: () => metrics.metrics(),
  };
}

type Labels = Record<(typeof labelNames)[number], string>;

/** Words of clients become labels only where they name something that exists: each new label costs memory for ever. */
export function labelsOf(info: RequestInfo | undefined, registry: Pick<KindRegistry, 'find'>): Labels {
  const nothing = { verb: 'other', group: '', version: '', resource: '', subresource: '' };
  if (info === undefined) return nothing;
  if (!info.isResource) return { ...nothing, verb: pathVerbs.has(info.verb) ? info.verb : 'other' };
  const { verb, group, version, resource, subresource = '' } = info;
  if (registry.find(group, version, resource) === undefined) return { ...nothing, verb };
  const isKnownPart = subresource === '' || isObjectPart(subresource);
  return { verb, group, version, resource, subresource: isKnownPart ? subresource : 'other' };
}

function addFlowMetrics(registers: Registry[], flow: FlowControl): void {
  const labels = { labelNames: ['level'], registers } as const;
  new Gauge({
    ...labels,
    name: 'apiserver_current_inflight_requests',
    help: 'Short requests that are being answered now.',
    collect() {
      for (const { level, inFlight } of flow.usage()) this.set({ level }, inFlight);
    },
  });
  new Gauge({
    ...labels,
    name: 'apiserver_longrunning_requests',
    help: 'Watches and streams that are open now.',
    collect() {
      for (const { level, streams } of flow.usage()) this.set({ level }, streams);
    },
  });
  new Counter({
    ...labels,
    name: 'apiserver_rejected_requests_total',
    help: 'Requests that were told to come back later.',
    collect() {
      this.reset();
      for (const { level, rejected } of flow.usage()) this.inc({ level }, rejected);
    },
  });
}
