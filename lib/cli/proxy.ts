// The proxy that the usual variables name: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY. The doorkeeper of the proxy packages.
// Node 20 does not read them by itself.
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import { UsageError } from './usage-error.js'

/**
 * An agent for requests to this URL, or undefined where no proxy is to be used. A connection each request: one that was
 * kept, and that the proxy closes just as it is used, would leave a page in doubt.
 */
export function proxyAgentFor(url: string): object | undefined {
  const proxy = getProxyForUrl(url)
  if (proxy === '') return undefined
  if (!/^https?:/.test(proxy) || !URL.canParse(proxy))
    throw new UsageError('the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names: expected an http or https URL')
  return new URL(url).protocol === 'https:' ? new HttpsProxyAgent(proxy) : new HttpProxyAgent(proxy)
}
