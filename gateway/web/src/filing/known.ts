/** What the filing screens need to know of the city and the person; the last answer serves when there is no network. */
import { shallowRef, watch } from 'vue'
import { api, ask, type Directory } from '@/api/client'
import { city, session } from '@/session/session'
import { store } from './store'

export const enterprises = shallowRef<readonly Directory<'Enterprise'>[]>([])
export const theCity = shallowRef<Directory<'City'>>()
export const projects = shallowRef<readonly Directory<'Project'>[]>([])

async function fresh<T>(key: string, into: (value: T) => void, asks: () => Promise<T>) {
  const old = await store.kept<T>(key).catch(() => undefined)
  if (old !== undefined) into(old)
  try {
    const value = await asks()
    into(value)
    await store.keep(key, value)
  } catch { /* what was known stays */ }
}

let reading: string | undefined
/** know reads what the draft's choices are made of. */
export async function know(): Promise<void> {
  if (reading === city.value && theCity.value) return
  reading = city.value
  await fresh<Directory<'City'>>(`city ${city.value}`, v => { theCity.value = v }, () => ask(api.GET('/v1/cities/{city}', { params: { path: { city: city.value } } })))
}

/** knowEnterprises reads whom the person may speak for. */
export async function knowEnterprises(): Promise<void> {
  await fresh<readonly Directory<'Enterprise'>[]>('enterprises', v => { enterprises.value = v }, async () => {
    if (!session.who) throw new Error('nobody')
    return (await ask(api.GET('/v1/cities/{city}/enterprises', { params: { path: { city: city.value } } }))).enterprises ?? []
  })
}
watch(() => session.who?.person, who => { if (who) void knowEnterprises() })

export async function knowProjects(enterprise: string): Promise<void> {
  projects.value = []
  const [, , , id] = enterprise.split('/')
  if (id) await fresh<readonly Directory<'Project'>[]>(`projects ${enterprise}`, v => { projects.value = v },
    async () => (await ask(api.GET('/v1/cities/{city}/enterprises/{enterprise}/projects', { params: { path: { city: city.value, enterprise: id } } }))).projects ?? [])
}
