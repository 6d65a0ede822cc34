/** Names of enterprises for lists, asked for once each and together; one that is not open to the reader stays nameless. */
import { reactive } from 'vue'
import { api, ask } from '@/api/client'
import { params } from '@/api/names'

const names = reactive<Record<string, string>>({})
const asked = new Set<string>()

/** enterpriseName gives the name of cities/…/enterprises/…, empty until it is known. */
export function enterpriseName(name: string | undefined): string {
  if (!name) return ''
  if (!asked.has(name)) {
    asked.add(name)
    void ask(api.GET('/v1/cities/{city}/enterprises/{enterprise}', { params: { path: params(name, 'cities', 'enterprises') } })).then(e => { names[name] = e.displayName ?? '' }, () => { names[name] = '' })
  }
  return names[name] ?? ''
}
