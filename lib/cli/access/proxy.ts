// Reads the proxy from the environment, because Node 20 does not. The variables are those of curl, and also HTTP_PROXY in capitals, which
// curl ignores. The sole importer of the proxy packages. Source: https://curl.se/docs/manpage.html, "ENVIRONMENT".
import type { ClientRequest } from 'node:http'
import { isProxyBypassed } from './no-proxy.js'
import { UsageError } from '../errors/usage-error.js'

/**
 * Resolves to an agent for requests to this URL; undefined if they need no proxy. The proxy is `https_proxy` or `http_proxy` by
 * the scheme of the URL, else `all_proxy`, unless `no_proxy` contains the host; the lower-case name wins over the upper-case name.
 * A proxy without a scheme is an http proxy. Each request has a new connection, because the proxy may close a reused one during
 * a request, and then it is unknown whether the request arrived.
 *
 * @throws UsageError if the variable is not the http or https URL of a proxy; the message shows only its scheme, not its password
 */
export async function createProxyAgent(url: string, env: NodeJS.ProcessEnv = process.env): Promise<object | undefined> {
  const variable = findProxyVariable(url, env)
  if (variable === undefined) return undefined
  const target = new URL(url)
  const proxy = parseProxy(env[variable]!.trim(), variable)
  if (target.protocol === 'https:') {
    const { HttpsProxyAgent } = await import('https-proxy-agent')
    return closeWithRequest(new HttpsProxyAgent(proxy))
  }
  const { HttpProxyAgent } = await import('http-proxy-agent')
  return closeWithRequest(new HttpProxyAgent(proxy))
}

/** The part of a proxy agent that opens the connection to the proxy, with the options of `net.connect`. */
interface ProxyConnector {
  readonly connectOpts: object
  connect: (request: never, options: never) => Promise<unknown>
}

/**
 * Makes the agent close its connection if the request is destroyed before the proxy has answered. Otherwise a proxy that does not
 * answer would keep the process alive. Returns the agent.
 */
function closeWithRequest<T extends ProxyConnector>(agent: T): T {
  const { connect, connectOpts } = agent
  agent.connect = async (request: ClientRequest, options: never) => {
    const closer = new AbortController()
    const destroy = request.destroy.bind(request)
    request.destroy = (error) => {
      closer.abort()
      return destroy(error)
    }
    request.once('proxyConnect', () => (request.destroy = destroy))
    const connector = Object.create(agent, { connectOpts: { value: { ...connectOpts, signal: closer.signal } } }) as T
    return connect.call(connector, request as never, options)
  }
  return agent
}

/** Returns the name of the environment variable with the proxy for this URL; undefined if the URL needs no proxy or is not valid. */
export function findProxyVariable(url: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!URL.canParse(url)) return undefined
  const target = new URL(url)
  const findName = (name: string) => [name, name.toUpperCase()].find((each) => (env[each]?.trim() ?? '') !== '')
  const variable = findName(`${target.protocol.slice(0, -1)}_proxy`) ?? findName('all_proxy')
  if (variable === undefined) return undefined
  const noProxy = findName('no_proxy')
  return noProxy !== undefined && isProxyBypassed(target, env[noProxy]!.trim()) ? undefined : variable
}

/** Returns the URL of a proxy. The password ends at the last `@`, because passwords with `#`, `/` or `@` are often not encoded. */
function parseProxy(given: string, variable: string): URL {
  const [, scheme = 'http', user, host] =
    /^(?:(https?):\/\/)?(?![a-z][\w+.-]*:\/\/)(?:(.*)@)?([^@/?#]+)\/?$/i.exec(given) ?? []
  if (host === undefined || !URL.canParse(`${scheme}://${host}`)) throw createProxyError(given, variable)
  const proxy = new URL(`${scheme}://${host}`)
  const [, name = '', password = ''] = /^([^:]*):?(.*)$/s.exec(user ?? '')!
  proxy.username = escapePercents(name)
  proxy.password = escapePercents(password)
  return proxy
}

function createProxyError(given: string, variable: string): UsageError {
  const scheme = /^([a-z][\w+.-]*):\/\//i.exec(given)?.[1]
  const got = scheme === undefined ? 'text that is not a URL' : `a URL that begins with ${scheme}://`
  return new UsageError(`${variable}: expected the http or https URL of a proxy, got ${got}`, {
    lines: ['  give it as http://host:port, or unset the variable; for a host that needs no proxy, set NO_PROXY'],
  })
}

/** Escapes percent signs if the text is not percent-encoded. */
function escapePercents(text: string): string {
  try {
    decodeURIComponent(text)
    return text
  } catch {
    return text.replaceAll('%', '%25')
  }
}
