#!/usr/bin/env node
import { runProcess } from './command-line.js'

await runProcess(process)
