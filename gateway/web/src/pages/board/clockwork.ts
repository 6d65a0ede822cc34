/** Times as the board says them: to the second, because it says how old it is. */
import { date, zone } from '@/time/format'

const seconds = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
export function hms(time: string | Date | undefined): string {
  const t = date(time)
  return t ? seconds.format(t) : ''
}
