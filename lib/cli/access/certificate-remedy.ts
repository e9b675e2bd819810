import { readFileSync } from 'node:fs'
import { getReason } from '../../shared/system-errors.js'

const remediesByCode: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the server needs a new certificate; check the clock of this machine too',
  CERT_NOT_YET_VALID: 'check the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'use the host name that the certificate is for',
}

/**
 * Returns the remedy for the code of a certificate that is not accepted. For a code without a remedy above, mostly of an unknown
 * authority, the remedy depends on NODE_EXTRA_CA_CERTS. Source: https://nodejs.org/api/cli.html#node_extra_ca_certsfile
 */
export function getCertificateRemedy(code: string, env: NodeJS.ProcessEnv = process.env): string {
  const remedy = remediesByCode[code]
  if (remedy !== undefined) return remedy
  const path = env['NODE_EXTRA_CA_CERTS']
  if (path === undefined || path === '')
    return 'set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of the authority that signed it, before Node starts'
  return `NODE_EXTRA_CA_CERTS=${path} is set, but ${findProblem(path)}`
}

function findProblem(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    return `the file cannot be read: ${getReason(error)}`
  }
  if (!/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text))
    return 'the file has no certificate: it needs PEM, which begins with -----BEGIN CERTIFICATE-----'
  return (
    'the file has no certificate for this issuer: add the certificate of the authority, ' +
    'and the intermediate certificates if the server does not send them'
  )
}
