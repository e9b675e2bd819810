// The messages of the command about a certificate that is not accepted, with real TLS.
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { getCertificateRemedy } from '../../lib/cli/access/certificate-remedy.js'
import { byUnknownAuthority, selfSigned } from '../support/servers/certificate.js'
import { runCommand } from '../support/command/command-line.js'

t.test('a certificate that is not accepted fails at once, and the message says what to do', async (t) => {
  let connections = 0
  const server = https.createServer(byUnknownAuthority()).on('tlsClientError', () => undefined)
  server.on('connection', () => connections++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, stderr } = await runCommand(['inspect', '--report', 'a'], {
    env: { OPTIMIZE_URL: url, OPTIMIZE_TOKEN: 'demo' },
  })
  t.equal(code, 1)
  t.match(
    stderr,
    /could not connect: the certificate of the server is not accepted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\) \(ERR_NETWORK\)\n {2}.*NODE_EXTRA_CA_CERTS/,
  )
  t.equal(connections, 1)
})

t.test('the remedy depends on the code and on NODE_EXTRA_CA_CERTS', async (t) => {
  const folder = t.testdir({ 'ca.pem': selfSigned().cert, 'ca.der': 'no certificate' })
  const unknown = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
  const remedy = (path?: string) => getCertificateRemedy(unknown, { NODE_EXTRA_CA_CERTS: path })
  for (const path of [undefined, '']) t.match(remedy(path), /^set NODE_EXTRA_CA_CERTS to a PEM file/)
  const missing = join(folder, 'missing.pem')
  t.equal(
    remedy(missing),
    `NODE_EXTRA_CA_CERTS=${missing} is set, but the file cannot be read: there is no such file or folder (ENOENT)`,
  )
  t.match(remedy(join(folder, 'ca.der')), /ca\.der is set, but the file has no certificate: it needs PEM/)
  t.match(remedy(join(folder, 'ca.pem')), /ca\.pem is set, but the file has no certificate for this issuer/)
  t.match(getCertificateRemedy('CERT_HAS_EXPIRED', { NODE_EXTRA_CA_CERTS: missing }), /^the server needs a new/)
  t.match(getCertificateRemedy('ERR_TLS_CERT_ALTNAME_INVALID'), /host name/)
})
