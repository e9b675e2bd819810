// The public entry point `optimize-export/testing`.
export type { Era } from './eras.js'
export type {
  FakeOptimizeOptions,
  FakeReportKind,
  FakeReportOptions,
  LateVariables,
  OAuthOptions,
} from './options/fake-options.js'
export { type FakeOptimize, startFakeOptimize } from './fake-optimize.js'
export type { Fault, FaultKind, RandomFaults } from './faults/faults.js'
export type { LoggedRequest } from './server/request-log.js'
export { createSampleReports, type SampleReports, type SampleReportsOptions } from './samples/sample-reports.js'
