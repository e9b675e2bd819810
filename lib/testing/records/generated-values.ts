export const processes: readonly { readonly key: string; readonly businessPrefix: string }[] = [
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
