// The same with types imported by name, which CommonJS can do from TypeScript 5.3 on.
import type { ExportStream, ProcessRecord } from 'optimize-export' with { 'resolution-mode': 'import' }

export async function main(baseUrl: string): Promise<string[]> {
  const { exportStream } = await import('optimize-export')
  const stream: ExportStream<ProcessRecord> = exportStream<ProcessRecord>({ baseUrl, reportId: 'r', accessToken: 'x' })
  return await stream.map(({ processInstanceId }) => processInstanceId).toArray()
}
