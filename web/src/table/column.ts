// A column of a long table.
import type { Cell } from './order'

export interface Column<Row> {
  key: string
  title: string
  why: string // what it means, in which unit
  // width in pixels, at least where it grows: rows are drawn apart and share their columns.
  width: number
  grows?: boolean
  number?: boolean
  falling: boolean // whether the first click shows the largest first
  value: (row: Row) => Cell
}
