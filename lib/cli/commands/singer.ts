import { pipeline } from 'node:stream/promises'
import { exportStream } from '../../index.js'
import { toSinger, type SingerOptions } from '../../formats/singer/index.js'
import { describeServerMessage } from '../../shared/export-events.js'
import { createServerAccess } from '../access/server-access.js'
import type { Context } from '../context.js'
import { describeEarlyEnd } from '../output/early-end.js'
import { readSelection } from '../read-selection.js'
import { exit } from '../errors/exit-codes.js'
import { getReportId } from '../source/one-report.js'
import { escapeLine, pluralize } from '../output/format-text.js'
import { createExportTask } from '../progress/progress-text.js'
import type { Settings } from '../settings.js'
import { singerFlags } from '../flags/singer-flags.js'
import { readMaxRecords, readSourceOptions } from '../source/source-options.js'

export async function runSinger({ settings, stdout, flush, progress, signal }: Context): Promise<number> {
  const access = await createServerAccess(settings)
  const reportId = getReportId(settings)
  const source = exportStream({ ...readSourceOptions(settings), ...access, reportId, signal })
  const encoder = toSinger(readOptions(settings, reportId, () => source.stats.complete))
  const note = ({ message }: { readonly message: string }) => progress.note(`${reportId}: ${escapeLine(message)}`)
  source.on('warning', note)
  source.on('message', (text) => note({ message: describeServerMessage(text) }))
  encoder.on('warning', note)
  const stopProgress = progress.follow(createExportTask(reportId, source.stats, readMaxRecords(settings)))
  try {
    await pipeline(source, encoder, stdout, { end: false })
    await flush()
  } finally {
    stopProgress()
  }
  const earlyEnd = describeEarlyEnd(source.stats)
  const ending = earlyEnd === undefined ? '' : `; ${earlyEnd}, so there is no state`
  progress.note(`${reportId}: ${pluralize(encoder.stats.rows, 'record')}${ending}`)
  return exit.complete
}

function readOptions(settings: Settings, reportId: string, isComplete: () => boolean): SingerOptions {
  return {
    columns: 'all',
    naming: 'snake',
    inferTypes: true,
    stream: reportId,
    ...readSelection(settings),
    ...settings.options(singerFlags),
    isComplete,
  }
}
