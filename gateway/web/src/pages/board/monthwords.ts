/** What the numbers of a month are called. */
import type { Pair } from '@/text/text'

export const monthWords = {
  filed: ['收', 'Filed'], answered: ['答复', 'Answered'], closed: ['结', 'Closed'], merged: ['并单', 'Merged'], rejected: ['不予受理', 'Not accepted'], reopened: ['重新办理', 'Opened again'], thin: ['答复过短或重复', 'Thin answers'], valid: ['有效评价', 'Valid verifications'], met: ['按时', 'In time'], breached: ['超时', 'Breached'],
} satisfies Record<string, Pair>
