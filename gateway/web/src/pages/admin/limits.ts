/** Limits as the city's files write them ("5 workdays", "24 hours, roll"), read out in Chinese in the words of the services' own explanations. */

/** What each unit is called, and the largest amount of it that the services take. */
const units: Record<string, { name: string, most: number, working: boolean }> = {
  'working minute': { name: '个工作分钟', most: 120_000, working: true }, workday: { name: '个工作日', most: 1_000, working: true },
  hour: { name: '小时', most: 24 * 366, working: false }, day: { name: '日', most: 3_660, working: false },
}

/** limitWords gives a limit in Chinese; empty for what the services would refuse. */
export function limitWords(text: string): string {
  const [, amount, word = '', roll] = /^\s*(\d+) +(working +minute|workday|hour|day)s?\s*(?:,\s*(roll)\s*)?$/.exec(text) ?? []
  const unit = units[word.replace(/ +/, ' ')]
  const n = Number(amount)
  if (!unit || n > unit.most || (!n && word !== 'workday') || (roll && unit.working)) return ''
  return `${n}${unit.name}${roll ? '（遇非工作时间顺延）' : ''}`
}
