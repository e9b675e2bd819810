import { reportIdOf } from '../../index.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'

export function getReportId(settings: Settings): string {
  const reports = settings.get('report')
  if (Array.isArray(reports) && reports.length === 1 && typeof reports[0] === 'string') return reportIdOf(reports[0])
  const given = Array.isArray(reports) ? reports.length : 0
  throw new UsageError(`expected one report, got ${given || 'none'}: give --report ID once`)
}
