// The process that makes the load: it imports the module that it is told, opens its clients, and reports.
import { measureLoad, type LoadModule, type LoadShape } from './load.ts';

export interface LoadOrder {
  /** File URL of a module that is a `LoadModule`. */
  readonly module: string;
  readonly target: unknown;
  readonly shape: LoadShape;
}

async function work({ module, target, shape }: LoadOrder): Promise<void> {
  const load = (await import(module)) as LoadModule<unknown>; // what the order has to name
  const clients = await load.openClients(target, shape.clients);
  const result = await measureLoad(clients, shape);
  await Promise.all(clients.map(async (client) => client.close()));
  process.send?.(result, () => process.exit(0));
}

process.once('message', (order: LoadOrder) => {
  work(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
