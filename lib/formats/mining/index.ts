// The entry point `optimize-export/mining`: re-exports, nothing else.
export { toOcel } from './to-ocel.js'
export { toXes, type XesOptions } from './to-xes.js'
export type { EventLogOptions } from './mining-file-options.js'
