/** What a filter of the board asks for, in words: every list says what it is a list of. A condition that is not known stands as it is. */
import { say, type Pair } from '@/text/text'
import { word } from '@/text/words'
import { at } from '@/time/format'
import { categoryName, countyName, unitName } from '@/parts/city'

const words = {
  between: ['{what}：{from}至{to}', '{what} {from} to {to}'], since: ['{what}：{at}起', '{what} since {at}'], until: ['{what}：{at}前', '{what} before {at}'], upTo: ['{what}：到{at}为止', '{what} up to {at}'],
  is: ['{what}：{value}', '{what}: {value}'], or: ['或', ' or '], and: ['，', '; '], not: ['没有{what}', 'without {what}'], has: ['有{what}', 'with {what}'], none: ['未填', 'not given'], all: ['全部', 'Everything'],
  atLeast: ['{what}至少 {value}', '{what} at least {value}'], person: ['一位人员', 'one official'],
} satisfies Record<string, Pair>

const flags: Record<string, readonly [yes: Pair, no: Pair]> = {
  open: [['在办', 'open'], ['已结束', 'closed']], supervised: [['督办中', 'under supervision'], ['未督办', 'not supervised']], restricted: [['保密或有回避', 'restricted'], ['不含保密和回避的', 'without what is restricted']],
  verified: [['有效评价', 'validly verified'], ['没有评价', 'not verified']], contacted: [['联系过', 'contacted'], ['没有联系过', 'not contacted']], solved: [['已解决', 'solved'], ['未解决', 'not solved']], thin: [['答复过短或重复', 'thin answer'], ['答复不算过短', 'answer not thin']],
  critical: [['在关键路径上', 'on the critical path'], ['不在关键路径上', 'not on the critical path']], in_time: [['按承诺办完', 'decided as promised'], ['晚于承诺', 'later than promised']], broken: [['未履行', 'broken'], ['未失信', 'not broken']], ticket_open: [['有在办诉求', 'with an open ticket'], ['没有在办诉求', 'without an open ticket']], lead: [['主办', 'lead'], ['协办', 'assisting']], shown: [['单位可见', 'shown to the unit'], ['单位不可见', 'not shown to the unit']], retained: [['已保住', 'retained'], ['未保住', 'not retained']], at_risk: [['有投资或岗位受影响', 'investment or jobs at risk'], ['无投资或岗位受影响', 'nothing at risk']], risk_unstated: [['未填投资与岗位', 'risk not stated'], ['已填', 'risk stated']],
}

const fields: Record<string, Pair> = {
  state: ['状态', 'state'], close_reason: ['结束方式', 'closed as'], urgency: ['紧急程度', 'urgency'], satisfied: ['满意度', 'satisfaction'], category: ['类别', 'category'], county: ['县区', 'county'], unit: ['单位', 'unit'], official: ['人员', 'official'], reason: ['理由', 'reason'], decision: ['裁定', 'decision'],
  rung: ['提级', 'rung'], cycle: ['第几轮', 'cycle'], issue: ['每月一题', 'common issue'], missed: ['错过的日期', 'dates missed'], create_time: ['收到时间', 'filed'], answer_time: ['答复时间', 'answered'], close_time: ['结束时间', 'closed'], rate_time: ['评价时间', 'verified'], reopen_time: ['重新办理时间', 'opened again'], decide_time: ['裁定时间', 'decided'], due_time: ['到期', 'due'], end_time: ['结束时间', 'ended'],
  extension_time: ['申请延期时间', 'extension asked'], extension_decide_time: ['延期审批时间', 'extension decided'], extension_decision: ['延期审批', 'extension'], callback: ['回访', 'call-back'], callback_time: ['应回访时间', 'call-back due'], dialogue_time: ['请求对话时间', 'dialogue asked'], dialogue_end_time: ['对话结束时间', 'dialogue ended'], dialogue: ['直接对话', 'dialogue'],
  stage: ['阶段', 'stage'], kind: ['种类', 'kind'], item: ['事项', 'item'], ticket_time: ['转为诉求时间', 'ticket raised'], promised_due_time: ['承诺时限', 'promised date'], statutory_due_time: ['法定时限', 'statutory date'], stuck_time: ['停滞起点', 'stuck since'], notice_time: ['补正通知时间', 'correction asked'], deem_time: ['视为受理时间', 'deemed accepted'],
}
const values: Record<string, Pair> = {
  granted: ['同意', 'granted'], refused: ['驳回', 'refused'], pending: ['待裁定', 'pending'], overtaken: ['已不需要', 'overtaken'], 'not-our-duty': ['不属本单位职责', 'not our duty'], 'wrong-county': ['不属本地', 'wrong county'], 'needs-lead': ['需别的单位主办', 'needs another lead'], duplicate: ['重复', 'duplicate'], other: ['其他', 'other'],
  TOLERANCE: ['容缺承诺', 'tolerant acceptance'], PROMISE: ['告知承诺', 'promise'], RUNNING: ['履行中', 'running'], TO_FIX: ['待整改', 'to be put right'], KEPT: ['已履行', 'kept'], BROKEN: ['未履行', 'broken'], SIGNED: ['已签', 'signed'],
  OPEN: ['办理中', 'open'], APPLIED: ['待受理', 'applied'], COMPLETED: ['已办成', 'completed'], DECLINED: ['未受理', 'declined'], due: ['要打的', 'due'], reached: ['已接通', 'reached'], done: ['已完成', 'done'], unreachable: ['联系不上', 'unreachable'],
}
const clockFields: Record<string, Pair> = {
  due: ['{clock}还欠着，到期', '{clock} owed, due'], met_time: ['按时{clock}', '{clock} in time'], breach_time: ['{clock}超时', '{clock} breached'], unit: ['{clock}的单位', 'unit of {clock}'], met_unit: ['{clock}的单位', 'unit of {clock}'], breach_unit: ['{clock}超时记在', '{clock} breach charged to'], official: ['{clock}的人员', 'official of {clock}'], met_official: ['{clock}的人员', 'official of {clock}'], breach_official: ['{clock}超时记在', '{clock} breach charged to'],
}

interface Condition { field: string, operator: string, value: string, negative: boolean }

/** parts splits at a word that stands outside brackets and quotes. */
export function parts(filter: string, at: ' AND ' | ' OR '): string[] {
  const out: string[] = []
  let depth = 0
  let quoted = false
  let from = 0
  for (let i = 0; i < filter.length; i++) {
    const c = filter[i]
    if (c === '"' && filter[i - 1] !== '\\') quoted = !quoted
    else if (!quoted && c === '(') depth++
    else if (!quoted && c === ')') depth--
    else if (!quoted && depth === 0 && filter.startsWith(at, i)) { out.push(filter.slice(from, i)); from = i + at.length; i = from - 1 }
  }
  out.push(filter.slice(from))
  return out.map(s => s.trim()).filter(Boolean)
}

function condition(text: string): Condition | undefined {
  const negative = text.startsWith('NOT ')
  const m = /^([a-z_.]+)\s*(:\*|<=|>=|!=|=|<|>)\s*(?:"([^"]*)"|(\S*))$/.exec(negative ? text.slice(4) : text)
  return m ? { field: m[1] as string, operator: m[2] as string, value: m[3] ?? m[4] ?? '', negative } : undefined
}

function fieldName(field: string): string {
  const [kind = '', rest = ''] = field.split('.')
  const pair = rest ? clockFields[rest] : fields[field]
  if (!pair) return field
  return say(pair, { clock: word('clock', kind.toUpperCase()) })
}

function valueName(field: string, value: string): string {
  const name = field.split('.').pop() ?? field
  if (!value) return say(words.none)
  if (/unit$/.test(name)) return unitName(value)
  if (name === 'category') return categoryName(value)
  if (name === 'county') return countyName(value)
  if (/official$/.test(name)) return say(words.person)
  if (values[value]) return say(values[value])
  for (const table of name === 'close_reason' ? ['closeReason'] as const : name === 'satisfied' ? ['satisfaction'] as const : ['deskState', 'urgency', 'orderState'] as const) {
    const told = word(table, value)
    if (told !== value) return told
  }
  return value
}

const isTime = (value: string) => /^\d{4}-\d\d-\d\dT/.test(value)

function one(text: string): string {
  if (text.startsWith('(') && text.endsWith(')')) return parts(text.slice(1, -1), ' OR ').map(one).join(say(words.or))
  const c = condition(text)
  if (!c) return text
  const what = fieldName(c.field)
  if (c.operator === ':*') return say(c.negative ? words.not : words.has, { what })
  const flag = flags[c.field]
  if (flag && (c.value === 'true' || c.value === 'false')) return say(flag[(c.value === 'true') !== c.negative ? 0 : 1])
  if (isTime(c.value)) return say(c.operator.startsWith('>') ? words.since : c.operator === '<=' ? words.upTo : words.until, { what, at: at(c.value, false) })
  if (c.operator === '>=') return say(words.atLeast, { what, value: c.value })
  return say(words.is, { what, value: valueName(c.field, c.value) })
}

/** inWords joins what begins and ends a stretch of time, and says the rest one by one. */
export function inWords(filter: string): string {
  const all = parts(filter, ' AND ')
  if (!all.length) return say(words.all)
  const out: string[] = []
  for (let i = 0; i < all.length; i++) {
    const a = condition(all[i] as string)
    const b = condition(all[i + 1] ?? '')
    if (a && b && a.field === b.field && a.operator.startsWith('>') && b.operator.startsWith('<') && isTime(a.value) && isTime(b.value)) {
      out.push(say(words.between, { what: fieldName(a.field), from: at(a.value, false), to: at(b.value, false) }))
      i++
    } else {
      out.push(one(all[i] as string))
    }
  }
  return out.join(say(words.and))
}
