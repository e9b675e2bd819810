// Makes certificates for localhost and 127.0.0.1, so that tests need no other program for that (RFC 5280).
import { generateKeyPairSync, sign } from 'node:crypto'
import { DAY_MS } from '../../../lib/shared/milliseconds.js'

/** PEM texts, as node:tls takes them. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const oid = (...bytes: number[]) => der(0x06, Buffer.from(bytes))
const text = (tag: number, value: string) => der(tag, Buffer.from(value, 'latin1'))
const time = (date: Date) => text(0x17, `${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`)

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const commonName = (name: string) => sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), text(0x0c, name))))
const subjectAltName = (names: Buffer[]) => sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(...names)))
const localNames = [text(0x82, 'localhost'), der(0x87, Buffer.from([127, 0, 0, 1]))]

interface Contents {
  /** GeneralNames in DER. */
  readonly names?: Buffer[]
  readonly issuer?: string
  /** The certificate expires after this number of days. */
  readonly days?: number
}

function createCertificate({ names = localNames, issuer = 'localhost', days = 1 }: Contents): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const end = Date.now() + days * DAY_MS
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(new Date(end - 2 * DAY_MS)), time(new Date(end))),
    commonName('localhost'),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(subjectAltName(names))),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey))
  const base64 = sequence(content, ecdsaWithSha256, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
  }
}

/** A certificate that is valid for one more day. */
export const selfSigned = () => createCertificate({})

/** A certificate of another host. */
export const forAnotherHost = () => createCertificate({ names: [text(0x82, 'other.example')] })

/** A certificate that expired an hour ago. */
export const expired = () => createCertificate({ days: -1 / 24 })

/** A certificate of an authority that no machine has. */
export const byUnknownAuthority = () => createCertificate({ issuer: 'Corp Root CA' })
