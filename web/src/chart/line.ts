// What a chart draws.

// Line is one course. Its columns have one length; times are seconds since 1970, ascending.
export interface Line {
  label: string
  color: string // CSS custom property, such as '--series-1'
  times: number[]
  mid: (number | null)[]
  // The band from low to high around mid: the least and the greatest of each step.
  low?: (number | null)[]
  high?: (number | null)[]
  fill?: boolean
  dash?: boolean
}

// Level is a horizontal line with its word.
export interface Level {
  value: number
  label: string
  tone: string // CSS custom property
  // far keeps it in sight however far it is from the data.
  far?: boolean
}

// Trend is a straight line with a band that opens. It holds for what it was fitted to, up
// to fitted, and is a projection after that.
export interface Trend {
  label: string
  color: string
  times: number[]
  mid: number[]
  low: number[]
  high: number[]
  fitted: number
}

// Stretch is a part of the time that stands out.
export interface Stretch {
  from: number
  to: number
  label: string
  tone: string
}
