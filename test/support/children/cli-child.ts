// The command line as a process of its own, without a build.
await import('../../../lib/cli/main.js')
