// Which series the page asks for beside private memory, all in one request, and how many
// points: with seven days of data all answers of the page stay below 30 KB on the wire.

export const others = ['anon_bytes', 'swap_bytes', 'file_bytes', 'shmem_bytes', 'rss_bytes', 'cpu_seconds_total', 'threads', 'fds', 'minor_faults_total', 'major_faults_total']

export const otherPoints = 170

const mostPoints = 700

// mainPoints are at most the pixels there are, in steps of a hundred; 0 before the chart
// knows its width.
export function mainPoints(pixels: number): number {
  if (pixels <= 0) return 0
  return Math.min(mostPoints, Math.max(100, Math.floor(pixels / 100) * 100))
}
