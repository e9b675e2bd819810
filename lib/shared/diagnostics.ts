// Publishes the events of an export on node:diagnostics_channel, for monitoring programs.
import { channel } from 'node:diagnostics_channel'

const channels = {
  page: channel('optimize-export:page'),
  retry: channel('optimize-export:retry'),
  restart: channel('optimize-export:restart'),
  complete: channel('optimize-export:complete'),
}

/** Publishes the payload of an event, with `reportId`, on `optimize-export:<name>`. */
export function publish(name: keyof typeof channels, reportId: string, payload: object): void {
  if (channels[name].hasSubscribers) channels[name].publish({ reportId, ...payload })
}

export const isPublished = (event: string): event is keyof typeof channels => Object.hasOwn(channels, event)
