// Five processes as companies have them: with loops, exceptions, long waits, and texts in English, German and Japanese.
import { countries, people } from '../records/generated-values.js'
import type { Random } from '../random.js'
import type { ProcessModel } from './process-model.js'

const formatAmount = (random: Random, max: number) => `${10 + random.below(max)}.${random.below(10)}${random.below(10)}`
const formatNumber = (random: Random, digits: number) => String(random.below(10 ** digits)).padStart(digits, '0')

const suppliers = [
  'Bäckerei Öztürk GmbH',
  'Müller & Söhne KG',
  'Stahlbau Größ',
  'Bürobedarf Weiß; Inh. K. Groß',
] as const
const remarks = [
  '',
  'Bitte Skonto abziehen – Zahlung bis 10. des Monats',
  'Rückfrage: Menge stimmt nicht mit dem Lieferschein überein',
  '"eilt"',
] as const
const customers = ['山田商事', '株式会社さくら', '東京電気工業', '有限会社たなか'] as const
const notes = ['至急', '納期を確認してください', '', '前回と同じ条件、数量のみ変更'] as const

export const sampleModels: readonly ProcessModel[] = [
  {
    key: 'order-to-cash',
    reportName: 'Orders',
    prefix: 'ORD',
    steps: {
      orderReceived: { name: 'Order received', minutes: [0, 1], next: { checkCredit: 1 } },
      checkCredit: { name: 'Check credit', minutes: [1, 30], next: { pickGoods: 80, reviewCredit: 20 } },
      reviewCredit: {
        name: 'Review credit',
        minutes: [30, 2880],
        next: { pickGoods: 60, checkCredit: 25, cancelOrder: 15 },
      },
      pickGoods: { name: 'Pick goods', minutes: [20, 600], next: { shipOrder: 88, reorderGoods: 12 } },
      reorderGoods: { name: 'Reorder goods', minutes: [1440, 20_000], next: { pickGoods: 90, cancelOrder: 10 } },
      shipOrder: { name: 'Ship order', minutes: [60, 4320], next: { sendInvoice: 1 } },
      sendInvoice: { name: 'Send invoice', minutes: [1, 60], next: { paymentReceived: 85, remindCustomer: 15 } },
      remindCustomer: {
        name: 'Remind customer',
        minutes: [10_080, 20_160],
        next: { paymentReceived: 80, remindCustomer: 20 },
      },
      paymentReceived: { name: 'Payment received', minutes: [1440, 43_200] },
      cancelOrder: { name: 'Cancel order', minutes: [1, 120] },
    },
    createVariables: (random) => ({
      amount: formatAmount(random, 5000),
      country: random.oneOf(countries),
      customer: random.oneOf(people),
      customerNumber: formatNumber(random, 6),
      express: String(random.below(5) === 0),
      itemCount: String(1 + random.below(20)),
    }),
  },
  {
    key: 'rechnungspruefung',
    reportName: 'Rechnungsprüfung',
    prefix: 'RE',
    steps: {
      eingang: { name: 'Rechnung eingegangen', minutes: [0, 1], next: { erfassen: 1 } },
      erfassen: { name: 'Rechnung erfassen', minutes: [2, 60], next: { pruefen: 1 } },
      pruefen: { name: 'Sachlich prüfen', minutes: [30, 4320], next: { freigeben: 75, klaeren: 20, ablehnen: 5 } },
      klaeren: { name: 'Mit Lieferant klären', minutes: [720, 14_400], next: { erfassen: 50, pruefen: 50 } },
      freigeben: { name: 'Zahlung freigeben', minutes: [10, 2880], next: { zahlen: 92, pruefen: 8 } },
      zahlen: { name: 'Überweisen', minutes: [60, 20_160] },
      ablehnen: { name: 'Zurücksenden', minutes: [10, 1440] },
    },
    createVariables: (random) => ({
      betrag: formatAmount(random, 20_000),
      bemerkung: random.oneOf(remarks),
      kostenstelle: formatNumber(random, 5),
      lieferant: random.oneOf(suppliers),
      skonto: random.oneOf(['0', '2', '3']),
      fälligAm: `2026-12-${String(1 + random.below(28)).padStart(2, '0')}T00:00:00.000+0100`,
    }),
  },
  {
    key: 'juchu-shori',
    reportName: '受注処理',
    prefix: 'JP',
    steps: {
      uketsuke: { name: '注文受付', minutes: [0, 5], next: { zaiko: 1 } },
      zaiko: { name: '在庫確認', minutes: [5, 240], next: { shukka: 80, hacchu: 20 } },
      hacchu: { name: '発注', minutes: [1440, 10_080], next: { zaiko: 1 } },
      shukka: { name: '出荷', minutes: [60, 2880], next: { seikyu: 96, henpin: 4 } },
      henpin: { name: '返品', minutes: [1440, 7200], next: { shukka: 1 } },
      seikyu: { name: '請求', minutes: [10, 1440] },
    },
    createVariables: (random) => ({
      金額: String(1000 + random.below(900_000)),
      顧客: random.oneOf(customers),
      備考: random.oneOf(notes),
      数量: String(1 + random.below(200)),
    }),
  },
  {
    key: 'customer-onboarding',
    reportName: 'Customer onboarding',
    prefix: 'CUS',
    steps: {
      applied: { name: 'Application received', minutes: [0, 1], next: { checkDocuments: 1 } },
      checkDocuments: { name: 'Check documents', minutes: [10, 2880], next: { screen: 70, requestDocuments: 30 } },
      requestDocuments: {
        name: 'Request documents',
        minutes: [1440, 20_160],
        next: { checkDocuments: 85, expire: 15 },
      },
      screen: { name: 'Screen sanctions list', minutes: [1, 15], next: { openAccount: 93, escalate: 7 } },
      escalate: { name: 'Escalate to compliance', minutes: [1440, 14_400], next: { openAccount: 50, reject: 50 } },
      openAccount: { name: 'Open account', minutes: [5, 480], next: { welcome: 1 } },
      welcome: { name: 'Send welcome letter', minutes: [1, 60] },
      expire: { name: 'Application expired', minutes: [0, 1] },
      reject: { name: 'Reject application', minutes: [5, 600] },
    },
    createVariables: (random) => ({
      applicant: [JSON.stringify({ name: random.oneOf(people), country: random.oneOf(countries) })],
      channel: random.oneOf(['web', 'branch', 'partner']),
      documents: String(random.below(5)),
      riskScore: `0.${formatNumber(random, 3)}`,
    }),
  },
  {
    key: 'claim-settlement',
    reportName: 'Claims',
    prefix: 'CLM',
    steps: {
      reported: { name: 'Claim reported', minutes: [0, 5], next: { triage: 1 } },
      triage: { name: 'Triage claim', minutes: [5, 720], next: { payOut: 45, inspectDamage: 45, detectFraud: 10 } },
      inspectDamage: { name: 'Inspect damage', minutes: [1440, 20_160], next: { assess: 1 } },
      assess: { name: 'Assess claim', minutes: [60, 4320], next: { payOut: 65, inspectDamage: 15, reject: 20 } },
      detectFraud: { name: 'Investigate fraud', minutes: [2880, 43_200], next: { assess: 40, reject: 60 } },
      payOut: { name: 'Pay out', minutes: [30, 2880] },
      reject: { name: 'Reject claim', minutes: [10, 1440] },
    },
    createVariables: (random) => ({
      claimedAmount: formatAmount(random, 30_000),
      policyNumber: `P-${formatNumber(random, 8)}`,
      region: random.oneOf(['North', 'South', 'East', 'West']),
      injured: String(random.below(3)),
    }),
  },
]
