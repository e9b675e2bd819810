import type { Report } from '../support/report.js'
import type { EngineServer } from './fact-server.js'
export async function provePromises(report: Report, server: EngineServer): Promise<void> {
  report.heading(server.name)
}
