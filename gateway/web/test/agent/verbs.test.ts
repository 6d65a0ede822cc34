/** Every verb of the contract has its form, and every form sends what the contract takes. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { body, lacking } from '@/pages/agent/form'
import { caseVerbs, commitmentVerbs, concludeVerb, elsewhere, itemVerbs, opinionVerb, type Verb } from '@/pages/agent/verbs'

interface Operation { requestBody?: { content: { 'application/json': { schema: { $ref?: string, properties?: object } } } } }
const contract = JSON.parse(readFileSync('../../proto/gen/openapi/openapi.json', 'utf8')) as { paths: Record<string, Record<string, Operation>>, components: { schemas: Record<string, { properties?: object, required?: string[] }> } }

const on: [string, string, Verb[]][] = [
  ['case', '/v1/cities/{city}/cases/{case}', [...caseVerbs, opinionVerb, concludeVerb]],
  ['item', '/v1/cities/{city}/cases/{case}/items/{item}', itemVerbs],
  ['commitment', '/v1/cities/{city}/cases/{case}/commitments/{commitment}', commitmentVerbs],
]
/** Fields that the page itself adds. */
const added = ['etag', 'requestId', 'number', 'unit', 'documents']

describe.each(on)('%s', (_, address, verbs) => {
  const posts = Object.entries(contract.paths).filter(([path, ops]) => path.startsWith(`${address}:`) && ops.post).map(([path]) => path.slice(address.length + 1))
  test('no verb of the contract is without its form', () => {
    expect(posts.filter(v => !verbs.some(x => x.verb === v) && !elsewhere.includes(v))).toEqual([])
  })
  test('no form is without a verb of the contract', () => {
    expect(verbs.map(v => v.verb).filter(v => !posts.includes(v))).toEqual([])
  })
  test.each(verbs.map(v => [v.verb, v] as const))('%s has the contract\'s fields', (name, verb) => {
    const schema = contract.paths[`${address}:${name}`]?.post?.requestBody?.content['application/json'].schema
    const found = schema?.$ref ? contract.components.schemas[schema.$ref.split('/').at(-1) ?? ''] : schema
    const takes = Object.keys(found?.properties ?? {}).filter(f => !added.includes(f))
    expect(verb.parts.map(p => p.field).filter(f => !added.includes(f)).sort()).toEqual(takes.sort())
  })
})

test('the services offer no verb that has no place here', () => {
  const go = readFileSync('../../services/agency/internal/casefile/edges.go', 'utf8')
  const actions = readFileSync('../../services/agency/internal/casefile/actions.go', 'utf8')
  const words = Object.fromEntries([...go.matchAll(/(Verb\w+)\s+Verb = "(\w+)"/g)].map(m => [m[1], m[2]])) as Record<string, string>
  const named = [...actions.matchAll(/offeredOn\w+ = \[\]Verb\{([^}]*)\}/g)].flatMap(m => (m[1] ?? '').split(',')).concat([...actions.matchAll(/^\t\t(Verb\w+):/gm)].map(m => m[1] ?? ''), 'VerbRepair')
  const offered = new Set(named.map(n => words[n.trim()]).filter(Boolean) as string[])
  expect(offered.size).toBeGreaterThan(30)
  const here = new Set([...caseVerbs, ...itemVerbs, ...commitmentVerbs].map(v => v.action ?? v.verb).concat(elsewhere))
  expect([...offered].filter(v => !here.has(v))).toEqual([])
})

test('a form becomes the request', () => {
  const correction = itemVerbs.find(v => v.verb === 'requestCorrection') as Verb
  expect(lacking(correction, { deficiencies: { a: ' ' } }).map(p => p.field)).toEqual(['deficiencies'])
  expect(body(correction, { deficiencies: { a: '缺公章 ', b: '' }, text: '' })).toEqual({ deficiencies: [{ material: 'a', text: '缺公章' }] })
  const offer = caseVerbs.find(v => v.verb === 'offerAgreement') as Verb
  expect(lacking(offer, {}).map(p => p.field)).toEqual(['expireTime', 'paper'])
  expect(body(offer, { expireTime: '2027-01-02T09:00', paper: false })).toEqual({ expireTime: '2027-01-02T01:00:00.000Z', paper: false })
  const procedure = itemVerbs.find(v => v.verb === 'startProcedure') as Verb
  expect(body(procedure, { procedure: 'hearing', workdays: '5', notice: ' 听证 ' })).toEqual({ procedure: 'hearing', workdays: 5, notice: '听证' })
})
