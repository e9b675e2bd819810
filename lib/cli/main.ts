#!/usr/bin/env node
// The command `optimize-export`.
import { runProcess } from './command-line.js'

await runProcess(process)
