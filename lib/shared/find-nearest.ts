// The sole importer of leven.
import leven from 'leven'

/** Returns the most similar known name, ignoring case, or `undefined` if none is similar. */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  return known
    .map((other) => ({ other, distance: leven(other.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .find(({ other, distance }) => distance < other.length && distance <= Math.max(2, Math.floor(other.length / 3)))
    ?.other
}
