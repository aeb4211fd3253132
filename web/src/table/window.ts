// Which rows of a long table are drawn: those in sight and a few around them, so that the
// document is as large for ten rows as for ten thousand.

export interface Window {
  first: number // index of the first row that is drawn
  end: number // index after the last one
}

// spare rows above and below: a fast wheel shows rows before the next drawing.
export const spare = 8

// windowOf is what is drawn of count rows of one height, where a viewport that is so tall
// has been scrolled so far.
export function windowOf(scrolled: number, viewport: number, rowHeight: number, count: number): Window {
  const top = Math.floor(Math.max(0, scrolled) / rowHeight)
  const shown = Math.ceil(Math.max(0, viewport) / rowHeight) + 1
  const end = Math.min(count, top + shown + spare)
  return { first: Math.max(0, Math.min(top - spare, end - shown - 2 * spare)), end }
}

// rowsIn is how many whole rows a page of the keyboard has.
export const rowsIn = (viewport: number, rowHeight: number): number => Math.max(1, Math.floor(viewport / rowHeight))

// moved is the row that a key leads to from the present one (−1: none), or null for a key
// that leads nowhere.
export function moved(key: string, present: number, count: number, page: number): number | null {
  if (count === 0) return null
  const to = { ArrowDown: present + 1, ArrowUp: present - 1, PageDown: Math.max(present, 0) + page, PageUp: present - page, Home: 0, End: count - 1 }[key]
  return to === undefined ? null : Math.min(count - 1, Math.max(0, to))
}

// revealed is how far must be scrolled for a row to be in sight, as little as possible.
export function revealed(row: number, scrolled: number, viewport: number, rowHeight: number): number {
  const top = row * rowHeight
  if (top < scrolled) return top
  if (top + rowHeight > scrolled + viewport) return top + rowHeight - viewport
  return scrolled
}
