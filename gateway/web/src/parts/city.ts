/** What anybody may know of the city, read once: units, categories, counties. */
import { ref } from 'vue'
import { api, ask, type Directory } from '@/api/client'
import { last } from '@/api/names'
import { city } from '@/session/session'
import { lang } from '@/text/text'

export const cityFacts = ref<Directory<'City'>>()
let reading: Promise<void> | undefined
/** readCity asks for the names if nobody has yet. Names are for show: without an answer codes stand in their place, and the next screen asks again. */
export function readCity(): Promise<void> {
  reading ??= ask(api.GET('/v1/cities/{city}', { params: { path: { city: city.value } } })).then(c => { cityFacts.value = c }, () => { reading = undefined })
  return reading
}

interface Named { code?: string, displayName?: string, displayNameEn?: string }
/** nameOf is a name in the language in use; what has no English one keeps its own. */
export function nameOf(x: Omit<Named, 'code'> | undefined): string { return (lang.value === 'en' && x?.displayNameEn ? x.displayNameEn : x?.displayName) ?? '' }
function nameIn(list: readonly Named[] | undefined, code: string | undefined): string {
  const id = code?.includes('/') ? last(code) : code
  const found = list?.find(x => x.code === id)
  return nameOf(found) || (id ?? '')
}
export function unitName(code: string | undefined): string { return nameIn(cityFacts.value?.units, code) }
export function countyName(code: string | undefined): string { return nameIn(cityFacts.value?.counties, code) }
/** categoryName gives 水电气热 › 供气 for a code of the second level. */
export function categoryName(code: string | undefined): string {
  const found = cityFacts.value?.categories?.find(c => c.code === code)
  const name = nameIn(cityFacts.value?.categories, code)
  return found?.parent ? `${nameIn(cityFacts.value?.categories, found.parent)} › ${name}` : name
}
