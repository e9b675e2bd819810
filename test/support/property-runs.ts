// How often a property is tried, and from which seeds: fixed ones, unless the environment says otherwise.
// PROPERTY_RUNS: the number of runs. PROPERTY_SEED: the first seed, a number or `random`.

/** The seeds of the runs, one each; a test prints the seed of a run that fails. */
export function runsOf(standard: number): { readonly runs: number; readonly seeds: readonly number[] } {
  const { PROPERTY_RUNS, PROPERTY_SEED = '1' } = process.env
  const runs = Number(PROPERTY_RUNS ?? standard)
  const first = PROPERTY_SEED === 'random' ? Math.floor(Math.random() * 2 ** 30) : Number(PROPERTY_SEED)
  return { runs, seeds: Array.from({ length: runs }, (_, n) => first + n) }
}
