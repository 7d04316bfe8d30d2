import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * The usual figures of a process, read when somebody asks. The library's own set is left out: it keeps a timer of
 * 10 ms running, and a member that has nothing to do should do nothing.
 */
export function addProcessMetrics(registers: Registry[]): void {
  new Counter({
    ...{ name: 'process_cpu_seconds_total', help: 'CPU time, user and system.', registers },
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  const memory = [
    ['process_resident_memory_bytes', 'Resident memory.', 'rss'],
    ['nodejs_heap_size_used_bytes', 'Objects of JavaScript.', 'heapUsed'],
    ['nodejs_heap_size_total_bytes', 'Memory set aside for objects of JavaScript.', 'heapTotal'],
    ['nodejs_external_memory_bytes', 'Buffers and other memory outside of the heap.', 'external'],
  ] as const;
  for (const [name, help, field] of memory) {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(process.memoryUsage()[field]);
      },
    });
  }
  new Gauge({
    ...{ name: 'process_start_time_seconds', help: 'When the process started, since the epoch.', registers },
  }).set(performance.timeOrigin / 1_000);
  new Counter({
    ...{
      name: 'nodejs_eventloop_busy_seconds_total',
      help: 'Time in which the main thread worked.',
      registers,
    },
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active / 1_000);
    },
  });
}
