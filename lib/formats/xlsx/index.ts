// The entry point optimize-export/xlsx.
export { toXlsx, type XlsxOptions } from './to-xlsx.js'
