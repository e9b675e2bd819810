export const loadModes = ['replace', 'merge', 'append'] as const

/** How a load writes its rows. */
export type LoadMode = (typeof loadModes)[number]
