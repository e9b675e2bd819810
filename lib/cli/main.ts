#!/usr/bin/env node
// The command `optimize-export`.
import { runProcess } from './run.js'

await runProcess(process)
