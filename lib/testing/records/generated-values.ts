// The values of generated records.
import type { Era } from '../api-versions.js'
import { mix } from '../random.js'

export interface ProcessDefinition {
  readonly key: string
  readonly businessPrefix: string
}

export const processes: readonly ProcessDefinition[] = [
  { key: 'invoice', businessPrefix: 'INV' },
  { key: 'order-handling', businessPrefix: 'ORD' },
  { key: 'customer-onboarding', businessPrefix: 'CUS' },
  { key: 'claim-settlement', businessPrefix: 'CLM' },
]

export const decisions = ['invoiceClassification', 'approverGroups', 'riskRating'] as const

export const flowNodes: readonly { readonly id: string; readonly name: string }[] = [
  { id: 'StartEvent_1', name: 'Invoice received' },
  { id: 'assignApprover', name: 'Assign approver' },
  { id: 'approveInvoice', name: 'Approve invoice' },
  { id: 'gateway_approved', name: 'Approved?' },
  { id: 'reviewInvoice', name: 'Review invoice' },
  { id: 'prepareBankTransfer', name: 'Prepare bank transfer' },
  { id: 'ServiceTask_Archive', name: 'Archive – Prüfung' },
  { id: 'EndEvent_Paid', name: 'Paid' },
]

export const countries = ['DE', 'FR', 'GB', 'US', 'ES', 'PL', 'BR', 'JP'] as const

export const people = [
  'Mary Anne Smith',
  'John Doe',
  'Zoë Müller',
  'José García',
  'Łukasz Wójcik',
  'Peter Meter',
  '李小龙',
  'Anneliese Krüger-Schmidt',
] as const

export const texts = [
  'Please check the amount, the customer has asked twice.',
  'ok',
  'Forwarded to accounting; waiting for the countersigned copy before anything can be paid.',
  'Rückfrage beim Kunden: Lieferadresse weicht von der Rechnungsadresse ab',
  'approved by phone',
  'The order was split into two deliveries because one position, "blue, 40 cm", is out of stock until the end of the month.',
] as const

export const tags = ['urgent', 'vip, urgent', 'new', 'repeat, eu', 'repeat'] as const

/** Values that are difficult for an encoder. */
export const hostileValues = [
  '=1+1',
  '@SUM(A1:A9)',
  '-1.50',
  '+49 30 1234567',
  '007',
  '1e5',
  '9007199254740993',
  'a,b',
  'a;b\tc',
  'say "hi"',
  '"',
  'first line\nsecond line',
  'carriage\r\nreturn',
  ' padded ',
  'naïve café',
  '日本語のテキスト',
  '👩‍👩‍👧 😀',
  'line\u2028separator',
  '{"a":[1,2]}',
  'back\\slash',
  'null',
  'NaN',
  '\ufeffmarked',
  '',
] as const

/** Returns a function for unique ids: UUIDs as in Camunda 7, or Zeebe keys for the API versions that only Camunda 8 has. */
export function createIdGenerator(era: Era, seed: number): (index: number) => string {
  const seedBits = mix(seed, 0)
  if (era === '3.7' || era === '8.6') {
    const ending = `-11ee-8b2c-${toHex4(seedBits & 0xffff)}ac120003`
    return (index) => {
      const number = mix(seed, index)
      return `${toHex4(number >>> 16)}${toHex4(number & 0xffff)}-${toHex4(mix(seed + 7, index) & 0xffff)}${ending}`
    }
  }
  const newest = 2 ** 51 + 2 ** 32 * ((seedBits % 60_000) + 1)
  return (index) => String(newest - index)
}

const toHex4 = (number: number) => (0x10000 + number).toString(16).slice(1)
