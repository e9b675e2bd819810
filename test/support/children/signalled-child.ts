// Runs the command in a process of its own, without a build, and writes "SIGTERM" to stdout when that signal arrives.
process.on('SIGTERM', () => process.stdout.write('SIGTERM'))
await import('../../../lib/cli/main.js')
