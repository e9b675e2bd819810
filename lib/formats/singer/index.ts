// The entry point `optimize-export/singer`: re-exports, nothing else.
export { toSinger, type SingerOptions } from './to-singer.js'
