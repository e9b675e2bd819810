// The same events for a monitoring program, by node:diagnostics_channel. Without a subscriber they cost nothing.
import { channel } from 'node:diagnostics_channel'

const channels = {
  page: channel('optimize-export:page'),
  retry: channel('optimize-export:retry'),
  restart: channel('optimize-export:restart'),
  complete: channel('optimize-export:complete'),
}

/** Publishes on `optimize-export:<name>`: the event's payload with `reportId` in it. */
export function publish(name: keyof typeof channels, reportId: string, payload: object): void {
  if (channels[name].hasSubscribers) channels[name].publish({ reportId, ...payload })
}

export const isPublished = (event: string): event is keyof typeof channels => Object.hasOwn(channels, event)
