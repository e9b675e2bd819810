import type { LoadStats } from '../../index.js'

type EndedBy = NonNullable<LoadStats['endedBy']>

const textsByEnd: Readonly<Record<EndedBy, string | undefined>> = {
  end: undefined,
  maxRecords: 'stopped by --max-records',
  // a load that stopped at its date has read all that it should
  since: undefined,
  // these have an error instead of a result
  destroyed: undefined,
  error: undefined,
}

/** Returns the text about an early end that people should know of; undefined if there is none. */
export const describeEarlyEnd = ({ endedBy }: Pick<LoadStats, 'endedBy'>) => textsByEnd[endedBy!]
