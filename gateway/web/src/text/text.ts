/**
 * Texts in two languages. A string is a pair, so that the compiler refuses one that is not translated; each screen keeps its own pairs beside it and
 * loads them with its code. `{name}` is replaced by a value, `{n|one|other}` by the English form that the number n takes.
 */
import { ref } from 'vue'

export type Pair = readonly [zh: string, en: string]
export type Lang = 'zh-CN' | 'en'
export type Values = Record<string, string | number>

/** The language in use; style/settings.ts sets it. */
export const lang = ref<Lang>('zh-CN')

const plural = new Intl.PluralRules('en')

/** say gives a pair in the language in use, with its values filled in. */
export function say(pair: Pair, values: Values = {}): string {
  return pair[lang.value === 'en' ? 1 : 0].replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, other?: string) => {
    const value = values[name]
    if (one !== undefined) return (plural.select(Number(value)) === 'one' ? one : other) ?? ''
    return value === undefined ? '' : String(value)
  })
}

/** texts makes the function that a screen calls with its keys. */
export function texts<K extends string>(pairs: Record<K, Pair>): (key: K, values?: Values) => string {
  return (key, values) => say(pairs[key], values)
}

/** within gives the side that is read of what a text of the city says in both languages, as （中文 / English） inside it. */
export function within(text: string): string {
  return text.replace(/（([^（）]*?) \/ ([^（）]*)）/g, (_, zh: string, en: string) => lang.value === 'en' ? ` (${en})` : `（${zh}）`)
}

/** listing stands between names in a row: 甲、乙; A, B. */
export function listing(): string { return lang.value === 'en' ? ', ' : '、' }
export function listed(names: readonly string[]): string { return names.join(listing()) }

export function colon(): string { return lang.value === 'en' ? ': ' : '：' }
/** labelled puts a name before what it names: 名：值; name: value. */
export function labelled(name: string | undefined, value: string | undefined): string { return `${name ?? ''}${colon()}${value ?? ''}` }

/** gap stands between two sentences. */
export function gap(): string { return lang.value === 'en' ? ' ' : '' }

/** bracketed adds a remark to what it is about: 甲（乙）; A (b). */
export function bracketed(text: string, remark: string): string { return lang.value === 'en' ? `${text} (${remark})` : `${text}（${remark}）` }

/** joined puts two sayings into one: 甲，乙; A, b. */
export function joined(one: string | undefined, other: string): string { return lang.value === 'en' ? `${one ?? ''}, ${other}` : `${one ?? ''}，${other}` }
