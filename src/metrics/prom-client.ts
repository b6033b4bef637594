// prom-client's registry and metrics, without the rest of it (cluster, push gateway, OpenTelemetry): to load
// that as well takes ten times as long, and 17 MiB. Nor are its other default metrics wanted: they watch the
// event loop of one thread, and have names that break Prometheus' conventions.
import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import addMemory from 'prom-client/lib/metrics/osMemoryHeap.js'
import addFileLimit from 'prom-client/lib/metrics/processMaxFileDescriptors.js'
import addOpenFiles from 'prom-client/lib/metrics/processOpenFileDescriptors.js'
import addStartTime from 'prom-client/lib/metrics/processStartTime.js'
import Registry from 'prom-client/lib/registry.js'

export type { Metric } from 'prom-client'
export { Gauge, Registry }

/** `process_*`, as client libraries of Prometheus name them in every language. */
export function addProcessMetrics(registry: Registry): void {
  for (const add of [addStartTime, addMemory, addOpenFiles, addFileLimit]) add(registry)
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
}
