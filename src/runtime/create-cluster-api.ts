import { isApiError } from '../api/api-error.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { ObjectName, Resource } from '../api/resource.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import { openApiConnection, type ApiEndpoint } from './api-connection.ts';
import type { ClusterApi, ListOptions } from './cluster-api.ts';
import { createRequester } from './request.ts';
import { resourcePath } from './resource-path.ts';
import { watchResource } from './watch-resource.ts';

export interface ClusterApiOptions extends ApiEndpoint {
  readonly clock?: Clock;
  /** The longest that one request, other than a watch, may take. */
  readonly deadlineMs?: number;
}

/** A `ClusterApi` that holds connections, and lets go of them when it is closed. */
export interface ClusterApiConnection extends ClusterApi {
  close(): Promise<void>;
}

const defaultDeadlineMs = 15_000;

/**
 * Not through client-node: its typed path drops metadata that it does not know and turns times into `Date`s that
 * are written back in another form, and it costs every member that loads it 60 MB.
 */
export function createClusterApi(options: ClusterApiOptions): ClusterApiConnection {
  const { clock = systemClock, deadlineMs = defaultDeadlineMs } = options;
  const connection = openApiConnection(options);
  const send = createRequester({ connection, server: options.server, clock, deadlineMs });

  return {
    async get<T extends KubernetesObject>(resource: Resource<T>, name: ObjectName, signal: AbortSignal) {
      try {
        return await send<T>({ method: 'GET', path: resourcePath(resource, name) }, signal);
      } catch (error) {
        if (isApiError(error, 'NotFound')) return undefined;
        throw error;
      }
    },

    async list<T extends KubernetesObject>(
      resource: Resource<T>,
      listOptions: ListOptions,
      signal: AbortSignal,
    ) {
      const path = resourcePath(resource, namespaceOf(listOptions));
      const query = selectors(listOptions);
      const { metadata, items } = await send<ListBody<T>>({ method: 'GET', path, query }, signal);
      // The items of a list carry no type of their own.
      const { apiVersion, kind } = resource;
      return {
        resourceVersion: metadata.resourceVersion,
        items: items.map((item) => ({ ...item, apiVersion, kind })),
      };
    },

    watch(resource, watchOptions, signal) {
      const path = resourcePath(resource, namespaceOf(watchOptions));
      const query = { ...selectors(watchOptions), resourceVersion: watchOptions.resourceVersion };
      return watchResource({ connection, clock, path, query }, signal);
    },

    create(resource, object, signal) {
      return send(
        { method: 'POST', path: resourcePath(resource, namespaceOf(object.metadata)), body: object },
        signal,
      );
    },

    update(resource, object, signal) {
      return send({ method: 'PUT', path: resourcePath(resource, object.metadata), body: object }, signal);
    },

    mergePatch(resource, name, patch, { subresource, fieldManager }, signal) {
      const path = resourcePath(resource, name) + (subresource === undefined ? '' : `/${subresource}`);
      const query = fieldManager === undefined ? {} : { fieldManager };
      return send({ method: 'PATCH', path, query, body: patch }, signal);
    },

    apply(resource, object, { fieldManager, isForced }, signal) {
      const path = resourcePath(resource, object.metadata);
      const query = { fieldManager, ...(isForced ? { force: 'true' } : {}) };
      const contentType = 'application/apply-patch+yaml';
      return send({ method: 'PATCH', path, query, body: object, contentType }, signal);
    },

    async delete(resource, name, { uid, resourceVersion }, signal) {
      const preconditions = {
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      };
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      try {
        await send({ method: 'DELETE', path: resourcePath(resource, name), body }, signal);
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error;
      }
    },

    close() {
      connection.close();
      return Promise.resolve();
    },
  };
}

interface ListBody<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

function namespaceOf({ namespace }: { readonly namespace?: string }): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

function selectors({ labelSelector, fieldSelector, resourceVersion }: ListOptions): Record<string, string> {
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
