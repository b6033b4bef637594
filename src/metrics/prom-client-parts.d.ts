// What prom-client.ts takes of prom-client; the package has types for the whole of it only.

declare module 'prom-client/lib/registry.js' {
  import { Registry } from 'prom-client'
  export = Registry
}

declare module 'prom-client/lib/counter.js' {
  import { Counter } from 'prom-client'
  export = Counter
}

declare module 'prom-client/lib/gauge.js' {
  import { Gauge } from 'prom-client'
  export = Gauge
}

declare module 'prom-client/lib/metrics/osMemoryHeap.js' {
  import type { Registry } from 'prom-client'

  function add(registry: Registry): void
  export = add
}

declare module 'prom-client/lib/metrics/processMaxFileDescriptors.js' {
  import type { Registry } from 'prom-client'

  function add(registry: Registry): void
  export = add
}

declare module 'prom-client/lib/metrics/processOpenFileDescriptors.js' {
  import type { Registry } from 'prom-client'

  function add(registry: Registry): void
  export = add
}

declare module 'prom-client/lib/metrics/processStartTime.js' {
  import type { Registry } from 'prom-client'

  function add(registry: Registry): void
  export = add
}
