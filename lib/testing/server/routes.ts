// Finds the endpoint of a request (docs/server.md 1.1 and section 8). A path with a trailing slash has no endpoint.

export type Route =
  | { readonly name: 'export'; readonly reportId: string }
  | { readonly name: 'definition' | 'list' | 'ready' | 'token' | 'unknown' }

const endpoints = [
  { name: 'definition', method: 'POST', path: '/api/public/export/report/definition/json' },
  { name: 'list', method: 'GET', path: '/api/public/report' },
  { name: 'ready', method: 'GET', path: '/api/readyz' },
  { name: 'token', method: 'POST', path: '/oauth/token' },
] as const

export function matchRoute(
  method: string,
  path: string,
  contextPath: string,
): { route: Route; isMethodAllowed: boolean } {
  const innerPath = path.startsWith(`${contextPath}/`) ? path.slice(contextPath.length) : ''
  const endpoint = endpoints.find((known) => known.path === innerPath)
  if (endpoint) return { route: { name: endpoint.name }, isMethodAllowed: endpoint.method === method }
  const reportId = /^\/api\/public\/export\/report\/([^/]+)\/result\/json$/.exec(innerPath)?.[1]
  if (reportId === undefined) return { route: { name: 'unknown' }, isMethodAllowed: true }
  return { route: { name: 'export', reportId: decodeSegment(reportId) }, isMethodAllowed: method === 'GET' }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
