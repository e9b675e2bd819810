export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function computeSpread(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('nothing was measured')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** `1.24 (1.20–1.31)`, in seconds. */
export const formatSeconds = ({ median, min, max }: Spread): string =>
  `${(median / 1000).toFixed(2)} (${(min / 1000).toFixed(2)}–${(max / 1000).toFixed(2)})`

export const formatRatio = (ratio: number): string => `${ratio.toFixed(2)} x`

/** `1,234`, rounded. */
export const formatInteger = (value: number): string => Math.round(value).toLocaleString('en-US')

export const formatMegabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
