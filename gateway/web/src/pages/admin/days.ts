/** The days of a calendar file: MM-DD and MM-DD..MM-DD in, the same out, as short as they can be said. */

function step(year: number, monthDay: string, by: number): string {
  const t = new Date(Date.UTC(year, Number(monthDay.slice(0, 2)) - 1, Number(monthDay.slice(3, 5)) + by))
  return `${String(t.getUTCMonth() + 1).padStart(2, '0')}-${String(t.getUTCDate()).padStart(2, '0')}`
}

/** expand lists every day of what a file names. */
export function expand(year: number, ranges: readonly string[]): Set<string> {
  const out = new Set<string>()
  for (const r of ranges) {
    const [from, to] = r.split('..') as [string, string?]
    let day = from
    for (let i = 0; i < 366; i++) {
      out.add(day)
      if (!to || day === to) break
      day = step(year, day, 1)
    }
  }
  return out
}

/** fold joins days that follow each other. */
export function fold(year: number, days: Iterable<string>): string[] {
  const out: [string, string][] = []
  for (const d of [...days].sort()) {
    const lastOne = out.at(-1)
    if (lastOne && step(year, lastOne[1], 1) === d) lastOne[1] = d
    else out.push([d, d])
  }
  return out.map(([a, b]) => a === b ? a : `${a}..${b}`)
}

export type Kind = 'workday' | 'weekend' | 'holiday' | 'make-up'

/** kindOf is what a day is under the lists of a file. */
export function kindOf(date: string, off: ReadonlySet<string>, makeUp: ReadonlySet<string>): Kind {
  const monthDay = date.slice(5)
  if (makeUp.has(monthDay)) return 'make-up'
  if (off.has(monthDay)) return 'holiday'
  return [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay()) ? 'weekend' : 'workday'
}

/** turned gives the lists after a day was pressed: a worked day becomes a day off and back, a weekend day a make-up day and back. */
export function turned(date: string, off: ReadonlySet<string>, makeUp: ReadonlySet<string>): { off: Set<string>, makeUp: Set<string> } {
  const monthDay = date.slice(5)
  const o = new Set(off)
  const m = new Set(makeUp)
  switch (kindOf(date, off, makeUp)) {
    case 'workday': o.add(monthDay); break
    case 'holiday': o.delete(monthDay); break
    case 'weekend': m.add(monthDay); break
    case 'make-up': m.delete(monthDay); break
  }
  return { off: o, makeUp: m }
}
