export type LogLevel = 'info' | 'warning' | 'error'

export const formatLogLine = (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) =>
  `${JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })}\n`

/** Returns true if the arguments contain `--log-format json`, even if they cannot be parsed. */
export const wantsJsonLog = (argv: readonly string[]) =>
  argv.some(
    (argument, at) =>
      /^--log-format=\s*json\s*$/.test(argument) || (argument === '--log-format' && argv[at + 1]?.trim() === 'json'),
  )
