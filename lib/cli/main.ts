#!/usr/bin/env node
// The command `optimize-export`. A signal does not wait for a reader of stdout that does not read.
import { run } from './run.js'

process.exitCode = await run(process.argv.slice(2), process)
if (process.exitCode > 128) process.exit()
