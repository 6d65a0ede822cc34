/** Times as the board says them: to the second, because it says how old it is. */
import { date, parts } from '@/time/format'

export function hms(time: string | Date | undefined): string {
  const t = date(time)
  if (!t) return ''
  const { hour, minute } = parts(t)
  return `${hour}:${minute}:${String(t.getUTCSeconds()).padStart(2, '0')}`
}
