// The order of rows, and how it is kept while somebody reads.

export type Cell = number | string | null

// The visitor's language decides how names sort; "bot 9" stands before "bot 10".
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

// compared orders two values; what is not known is last whichever way the column is sorted.
export function compared(a: Cell, b: Cell, falling: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'string' && typeof b === 'string' ? collator.compare(a, b) : Number(a) - Number(b)
  return falling ? -order : order
}

// turned is the next word for a column whose head was chosen: the way that suits it first,
// then the other one. "-" before the key is falling.
export function turned(present: string, key: string, falling: boolean): string {
  const first = falling ? `-${key}` : key
  return present === first ? (falling ? key : `-${key}`) : first
}

export const direction = (present: string, key: string): 'ascending' | 'descending' | undefined =>
  present === key ? 'ascending' : present === `-${key}` ? 'descending' : undefined

export interface Held<Row> {
  row: Row
  // gone rows ended after the order was made: they keep their place, with their last figures.
  gone: boolean
  // late rows came after the order was made, and stand at its end.
  late: boolean
}

// drift is how many rows may have come or gone before the order is made anew although
// somebody reads: a tab that stays open for a month must not collect what ended.
export const drift = 500

// held puts fresh rows into an order that is being read: no row moves, what ended stays
// where it was, what is new comes last. It returns null when so much has changed that the
// order must be made anew.
export function held<Row>(order: Row[], fresh: Row[], keyOf: (row: Row) => string): Held<Row>[] | null {
  const now = new Map(fresh.map((row) => [keyOf(row), row]))
  const out: Held<Row>[] = []
  let changed = 0
  for (const old of order) {
    const row = now.get(keyOf(old))
    if (!row) changed++
    now.delete(keyOf(old))
    out.push({ row: row ?? old, gone: !row, late: false })
  }
  for (const row of now.values()) {
    changed++
    out.push({ row, gone: false, late: true })
  }
  return changed > drift ? null : out
}
