// A CommonJS program that imports types of an ES module by name, which works from TypeScript 5.3 on.
import type { ExportStream, ProcessRecord } from 'optimize-export' with { 'resolution-mode': 'import' }

export async function main(baseUrl: string): Promise<string[]> {
  const { exportStream } = await import('optimize-export')
  const stream: ExportStream<ProcessRecord> = exportStream<ProcessRecord>({ baseUrl, reportId: 'r', accessToken: 'x' })
  return await stream.map(({ processInstanceId }) => processInstanceId).toArray()
}
