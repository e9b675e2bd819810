// The command line as a process of its own, without a build, that says on stdout when it has heard SIGTERM.
process.on('SIGTERM', () => process.stdout.write('SIGTERM'))
await import('../../../lib/cli/main.js')
