// The entry point `optimize-export/arrow`: re-exports, nothing else.
export { toArrow, type ArrowOptions } from './to-arrow.js'
