import type { Agency } from '@/api/client'
/** What a project is, as the questionnaire holds it. */
export type Answers = Agency<'Answers'>

/** fen makes the contract's amount of an entry in 万元. */
export function fen(wan: string | number | undefined): string | undefined {
  const n = Number(wan)
  return wan === '' || wan === undefined || Number.isNaN(n) || n < 0 ? undefined : String(Math.round(n * 1_000_000))
}
export function wan(amount: string | undefined): string { return amount ? String(Number(amount) / 1_000_000) : '' }
/** answered is whether a plan can be made of it. */
export function answered(a: Answers): boolean { return !!a.type && !!a.land && !!a.investor }
