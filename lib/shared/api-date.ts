// This file is valid TypeScript and AssemblyScript.

/** The length of a date of the API: `2021-12-02T17:21:49.330+0200`. */
export const API_DATE_BYTES = 28
/** The number of the day 1970-01-01 if 0000-01-01 is 1. */
export const DAY_OF_1970 = 719_529
