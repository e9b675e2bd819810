import { exitCodesBySeverity, exitCodeTexts } from '../errors/exit-codes.js'
import { wrapText } from '../output/format-text.js'

export const ACCESS_HELP = `Environment:
  OPTIMIZE_URL and a token: OPTIMIZE_TOKEN, OPTIMIZE_TOKEN_FILE, or the client credentials OPTIMIZE_CLIENT_ID,
  OPTIMIZE_CLIENT_SECRET and OPTIMIZE_TOKEN_URL, for SaaS also OPTIMIZE_AUDIENCE.
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS have their usual meaning.
  Flags override the environment, and the environment overrides the file of --config.
`

export const EXIT_CODES_HELP = `Exit codes:
${wrapText(exitCodeTexts.map(([code, meaning]) => `${code} ${meaning}`).join(', '))}
`

const describeExitCode = ([code, meaning, whatToDo]: (typeof exitCodeTexts)[number]) =>
  `  ${`${code}`.padEnd(5)}${wrapText(`${meaning}: ${whatToDo}`, 7).trimStart()}`

export const EXIT_CODES_TOPIC = `Exit codes, and what a scheduler should do. If the last of several tries fails, tell someone.
${exitCodeTexts.map(describeExitCode).join('\n')}

If an export or a load fails, its file or table stays as it was, unless the message says otherwise. With several
reports or jobs, the code is the most severe one, in the order ${exitCodesBySeverity.join(', ')}. 'optimize-export help ERR_AUTH'
explains the code of an error.
`
