// Decides the fault of an export request: the first matching scripted fault that is not used up. If there is none, the request may get a
// random fault.
import { createDefaultFault, type ResolvedFault, type ResolvedRandomFaults } from './faults.js'
import { mix } from '../random.js'

export class FaultScript {
  readonly #remaining: { readonly fault: ResolvedFault; times: number }[]
  readonly #random: ResolvedRandomFaults | undefined

  constructor(faults: readonly ResolvedFault[], random: ResolvedRandomFaults | undefined) {
    this.#remaining = faults.map((fault) => ({ fault, times: fault.times }))
    this.#random = random
  }

  /** Returns the fault of an export request, given its number and the requested page of its search, both from 1. */
  takeNextFault(request: number, page: number | undefined): ResolvedFault | undefined {
    const next = this.#remaining.find(({ fault, times }) => times > 0 && isApplicable(fault, request, page))
    if (!next) return this.#pickRandomFault(request)
    next.times -= 1
    return next.fault
  }

  #pickRandomFault(request: number): ResolvedFault | undefined {
    if (!this.#random) return undefined
    const { rate, seed, kinds } = this.#random
    if (mix(seed, request) / 2 ** 32 >= rate) return undefined
    return createDefaultFault(kinds[mix(seed + 1, request) % kinds.length]!)
  }
}

const isApplicable = (fault: ResolvedFault, request: number, page: number | undefined) =>
  (fault.request === undefined || fault.request === request) && (fault.page === undefined || fault.page === page)
