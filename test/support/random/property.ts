// The number of runs of a property test and their seed, which are fixed unless the environment sets them. PROPERTY_RUNS is the number of
// runs, PROPERTY_SEED a number or `random`. `npm run faults` sets both and runs every test file that imports this one.
import t from 'tap'

const { PROPERTY_RUNS, PROPERTY_SEED = '20261128' } = process.env

/** The seed of every property of a test file, which prints it. */
export const seed = PROPERTY_SEED === 'random' ? Math.floor(Math.random() * 2 ** 30) : Number(PROPERTY_SEED)
t.comment(`PROPERTY_SEED=${seed}`)

/**
 * Returns the seed and the number of runs of a property, as fc.assert() takes them: `standard` runs, or PROPERTY_RUNS. A property whose
 * runs take 20 times as long as others has the weight 20, and a twentieth of PROPERTY_RUNS.
 */
export function runs(standard: number, weight = 1): { seed: number; numRuns: number } {
  return { seed, numRuns: PROPERTY_RUNS === undefined ? standard : Math.ceil(Number(PROPERTY_RUNS) / weight) }
}

/** Returns the time limit of a property in milliseconds: `standard`, or two hours if PROPERTY_RUNS is set. */
export const timeLimit = (standard: number): number => (PROPERTY_RUNS === undefined ? standard : 7_200_000)

/** Returns one seed for each run, for a property that makes its own random choices. */
export function seedsOf(standard: number, weight?: number): number[] {
  return Array.from({ length: runs(standard, weight).numRuns }, (_, at) => seed + at)
}
