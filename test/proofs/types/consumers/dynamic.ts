// A CommonJS program for compilers that allow an ES module in `await import()` only. The types are inferred.
export async function main(): Promise<number> {
  const { exportStream, toCsv } = await import('optimize-export')
  const { startFakeOptimize } = await import('optimize-export/testing')
  const { url, reportId, token, close } = await startFakeOptimize({ records: 3 })
  const stream = exportStream<{ processInstanceId: string }>({ baseUrl: url, reportId, accessToken: token })
  let length = 0
  for await (const { processInstanceId } of stream) length += processInstanceId.length
  // @ts-expect-error there is no such event
  stream.on('restrat', () => undefined)
  toCsv()
  await close()
  return length
}
