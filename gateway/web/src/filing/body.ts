/** What an item says to the city, as the contract has it. */
import { say, type Pair } from '@/text/text'
import type { Item } from './store'

const spoken: Pair = ['（录音 {n} 秒，见附件）', '(Recording of {n} s, attached)']
const shown: Pair = ['（照片 {n} 张，见附件）', '({n} {n|photo|photos}, attached)']

/** The words, or what stands in for them: a ticket has to say something before its files are there. */
export function wordsOf(item: Item): string {
  if (item.text.trim()) return item.text
  const voice = item.files.find(f => f.kind === 'VOICE')
  const photos = item.files.filter(f => f.kind === 'PHOTO').length
  return [voice && say(spoken, { n: Math.max(1, Math.round(voice.seconds ?? 1)) }), photos > 0 && say(shown, { n: photos })].filter(Boolean).join('')
}

/** isEmpty tells that there is nothing to file yet. */
export function isEmpty(item: Item): boolean { return !item.text.trim() && !item.files.length }

/** bodyOf is the same text for the same item, whenever it is asked. */
export function bodyOf(item: Item): string {
  const officials = item.about.filter(a => a.name.includes('/persons/')).map(a => a.name)
  const units = item.about.filter(a => a.name.includes('/units/')).map(a => a.name)
  const yuan = Number(item.investment) * 10_000
  return JSON.stringify({
    body: wordsOf(item), channel: 'app', urgency: item.urgent ? 'URGENT' : 'NORMAL',
    ...(item.enterprise ? { enterprise: item.enterprise } : {}), ...(item.category ? { category: item.category } : {}),
    ...(!item.enterprise && item.county ? { county: item.county } : {}), ...(item.confidential ? { confidential: true } : {}),
    ...(officials.length ? { conflictOfficials: officials } : {}), ...(units.length ? { conflictUnits: units } : {}),
    ...(item.project ? { project: item.project, ...(yuan > 0 ? { investmentAtRiskFen: String(Math.round(yuan * 100)) } : {}), ...(Number(item.jobs) > 0 ? { jobsAtRisk: Number(item.jobs) } : {}) } : {}),
  })
}
