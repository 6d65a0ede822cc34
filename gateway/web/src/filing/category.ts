/** A modest guess at what a text is about, from the words of the categories' own names. It says nothing rather than something doubtful, and decides nothing. */
export interface Category { readonly code?: string, readonly displayName?: string, readonly displayNameEn?: string, readonly parent?: string }

const joints = /[与和及、，,/（）()·\s]+/
const dull = new Set(['and', 'the', 'for', 'other', 'their', 'with', '其他', '问题', '服务', '管理', '企业', '公司', '项目', '咨询'])

/** The pieces of a name that can be found in a text: its words, and the pairs of characters in its Chinese ones. */
function pieces(c: Category): string[] {
  const out = new Set<string>()
  for (const word of (c.displayName ?? '').split(joints)) {
    if (word.length >= 2) out.add(word)
    for (let i = 0; i + 2 <= word.length; i++) out.add(word.slice(i, i + 2))
  }
  for (const word of (c.displayNameEn ?? '').toLowerCase().split(/[^a-z]+/)) if (word.length > 3) out.add(word)
  return [...out].filter(p => !dull.has(p))
}

/** suggest gives the code of the one category that a text clearly names, or ''. */
export function suggest(text: string, categories: readonly Category[]): string {
  const said = text.toLowerCase()
  const leaves = categories.filter(c => c.code && !categories.some(x => x.parent === c.code))
  const known = leaves.map(c => ({ code: c.code as string, pieces: pieces(c) }))
  const shared = new Map<string, number>()
  for (const k of known) for (const p of k.pieces) shared.set(p, (shared.get(p) ?? 0) + 1)
  const scored = known
    .map(k => ({ code: k.code, score: k.pieces.filter(p => said.includes(p)).reduce((sum, p) => sum + p.length / (shared.get(p) ?? 1), 0) }))
    .sort((a, b) => b.score - a.score)
  const [first, second] = scored
  return first && first.score >= 2 && first.score >= 1.5 * (second?.score ?? 0) ? first.code : ''
}
