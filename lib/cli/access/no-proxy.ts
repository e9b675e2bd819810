import { BlockList, isIP } from 'node:net'

/**
 * Returns true if NO_PROXY contains the host of a URL. Commas or blanks separate the entries. An entry is `*` for every host; a
 * name, with or without a leading dot, which includes its subdomains; an address; or a network such as `10.0.0.0/8`. An entry
 * may end with a port. `*` in an entry matches any characters.
 */
export function isProxyBypassed(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && isMatch(host, port, entry))
}

function isMatch(host: string, port: string, entry: string): boolean {
  if (isInNetwork(host, entry)) return true
  const [, bracketed, plain, entryPort] = isIP(entry) > 0 ? ['', entry] : (entryWithPort.exec(entry) ?? [])
  if (entryPort !== undefined && entryPort !== port) return false
  const hostPattern = bracketed ?? plain ?? ''
  const version = isIP(hostPattern)
  if (version > 0) return isInNetwork(host, `${hostPattern}/${version === 4 ? 32 : 128}`)
  // only names have subdomains, so an entry such as `.0.0.1` does not match an address
  if (isIP(host) > 0) return hostPattern.includes('*') && toPattern(hostPattern).test(host)
  const name = hostPattern.replace(/^\*?\.|\.$/g, '')
  return toPattern(name).test(host) || toPattern(`*.${name}`).test(host)
}

const entryWithPort = /^(?:\[([^\]]+)\]|([^[\]]*?))(?::(\d+))?$/

const toPattern = (text: string) =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[^\w-]/g, '\\$&'))
      .join('.*')}$`,
  )

function isInNetwork(host: string, entry: string): boolean {
  const [, address = '', prefixBits] = /^\[?([\da-f.:]+)\]?\/(\d{1,3})$/.exec(entry) ?? []
  const version = isIP(address)
  if (version === 0 || isIP(host) === 0 || Number(prefixBits) > (version === 4 ? 32 : 128)) return false
  const network = new BlockList()
  network.addSubnet(address, Number(prefixBits), version === 4 ? 'ipv4' : 'ipv6')
  return network.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6')
}
