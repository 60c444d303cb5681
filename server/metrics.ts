import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What this process counts; gauges are read when somebody asks. */
export class Metrics {
  private readonly counters = new Map<string, number>();
  private readonly gauges = new Map<string, () => number>();
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.delay.enable();
    this.gauge('process_resident_memory_bytes', () => process.memoryUsage.rss());
    this.gauge('process_heap_bytes', () => process.memoryUsage().heapUsed);
    this.gauge('process_cpu_seconds_total', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.gauge('process_uptime_seconds', () => process.uptime());
    this.gauge('nodejs_eventloop_lag_p99_seconds', () => this.delay.percentile(99) / 1e9);
  }

  /** `labels` in Prometheus' own form, e.g. `code="200"`. */
  count(name: string, labels = '', by = 1): void {
    const key = labels ? `${name}{${labels}}` : name;
    this.counters.set(key, (this.counters.get(key) ?? 0) + by);
  }

  gauge(name: string, read: () => number): void {
    this.gauges.set(name, read);
  }

  /** Prometheus' text format. */
  print(): string {
    const gauges = [...this.gauges].map(([name, read]) => `${name} ${read()}`);
    const counters = [...this.counters].map(([key, value]) => `${key} ${value}`);
    return `${[...gauges, ...counters.sort()].join('\n')}\n`;
  }

  close(): void {
    this.delay.disable();
  }
}
