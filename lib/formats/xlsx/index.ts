// The entry point `optimize-export/xlsx`: re-exports, nothing else.
export { toXlsx, type XlsxOptions } from './to-xlsx.js'
