import type { ExportFacts } from '../../pages/page-hand-over.js'
import { VERSION } from '../../shared/package-version.js'
import type { EncoderContext } from '../record-encoder.js'

/** Returns the metadata of a Parquet or Arrow file: the version, the export if it is known, and what the user has given. */
export const createFileMetadata = (
  { getExportFacts }: Pick<EncoderContext, 'getExportFacts'>,
  given: Readonly<Record<string, string>>,
): Record<string, string> => ({
  'optimize-export.version': VERSION,
  ...getExportMetadata(getExportFacts()),
  ...given,
})

function getExportMetadata(facts: ExportFacts | undefined): Record<string, string> {
  if (!facts) return {}
  const { reportId, total = 0, startedAt } = facts
  return {
    'optimize-export.reportId': reportId,
    'optimize-export.total': String(total),
    'optimize-export.startedAt': startedAt.toISOString(),
  }
}
