// Texts of the help that are not made from flags.

export const ACCESS_HELP = `Environment:
  OPTIMIZE_URL and OPTIMIZE_TOKEN, or OPTIMIZE_CLIENT_ID, OPTIMIZE_CLIENT_SECRET, OPTIMIZE_TOKEN_URL and
  OPTIMIZE_AUDIENCE; HTTPS_PROXY, HTTP_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS as usual.
  Flags override the environment, and the environment overrides the file of --config.
`

export const EXIT_CODES_HELP = `Exit codes:
  0 complete, 1 failed, 2 usage, 3 incomplete, 4 authentication, 5 database, object store or changed columns,
  6 another run uses the state (run),
  129 SIGHUP, 130 SIGINT, 143 SIGTERM, 141 stdout was closed
`

export const EXIT_CODES_TOPIC = `Exit codes, and what a scheduler should do:
  0    complete: go on; what changed in the report is in the warnings, and in "changes" of --json
  1    failed: try again later, a few times, then tell someone
  2    usage: tell someone; a flag, a setting or the jobs file is wrong, so a retry fails too
  3    incomplete: try again later, a few times; ERR_SUSPICIOUS_LOAD and ERR_NOT_SORTED need a person
  4    authentication: tell someone; the token or its permissions are wrong, so a retry fails too
  5    database, object store or changed columns: try again later, a few times; ERR_SCHEMA_CHANGE and
       the SQLSTATEs 28xxx, 42501 and 22xxx need a person
  6    another run uses the state (run): try again later
  129  SIGHUP, 130 SIGINT, 143 SIGTERM: stopped; nothing partial is left, run it again
  137  killed, often because the memory was full: run it again with more memory
  141  stdout was closed by its reader, such as head: nothing to do if that was wanted

A file or a table whose export or load failed is as it was. With several reports or jobs, the code is the most
severe one, in the order 2, 4, 5, 1, 3. 'optimize-export help ERR_AUTH' explains the code of an error.
`
