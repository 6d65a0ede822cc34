/** What the board wants to know of the city beyond its names. */
import { computed } from 'vue'
import { api, ask } from '@/api/client'
import { cityFacts, nameOf } from '@/parts/city'
import { city as cityCode } from '@/session/session'
import { lang } from '@/text/text'
import type { DayKind } from './trend'

export const cityName = computed(() => nameOf(cityFacts.value))

/** shortCounty drops the city's name in front of a zone's, which all of its zones share; in English the kind of place too where its own name says enough. */
export function shortCounty(name: string, city: string): string {
  if (lang.value === 'en') {
    const own = name.replace(/ (District|County)$/, '')
    if (own !== name) return own === city || own.length < 5 ? name : own
    return name.replace(new RegExp(`^.*\\b${city}\\b `), '').replace('Economic and Technological Development Zone', 'Economic Zone')
  }
  const place = city.replace(/市$/, '')
  const at = place ? name.indexOf(place) : -1
  const rest = at < 0 ? name : name.slice(at + place.length)
  return rest.length >= 4 ? rest : name
}
export const counties = computed(() => (cityFacts.value?.counties ?? []).map(c => ({ code: c.code, name: shortCounty(nameOf(c), cityName.value), full: nameOf(c) })))

const years = new Map<string, Promise<[string, DayKind][]>>()
/** dayKinds says which of the days of a period are worked; of a year that cannot be read it says nothing. */
export async function dayKinds(from: string, to: string): Promise<Map<string, DayKind>> {
  const wanted = [...new Set([from.slice(0, 4), to.slice(0, 4)])].filter(Boolean)
  const all = await Promise.all(wanted.map(year => {
    let days = years.get(year)
    if (!days) {
      days = ask(api.GET('/v1/cities/{city}/calendars/{calendar}', { params: { path: { city: cityCode.value, calendar: year } } }))
        .then(c => (c.days ?? []).map((d): [string, DayKind] => [d.date ?? '', d.kind as DayKind]), () => { years.delete(year); return [] })
      years.set(year, days)
    }
    return days
  }))
  return new Map(all.flat())
}

const firms = new Map<string, Promise<string>>()
/** enterpriseName asks for a firm's name once; empty where it is not for this person. */
export function enterpriseName(name: string | undefined): Promise<string> {
  if (!name) return Promise.resolve('')
  let asked = firms.get(name)
  if (!asked) {
    const [, city = '', , enterprise = ''] = name.split('/')
    asked = ask(api.GET('/v1/cities/{city}/enterprises/{enterprise}', { params: { path: { city, enterprise } } })).then(e => e.displayName ?? '', () => '')
    firms.set(name, asked)
  }
  return asked
}
