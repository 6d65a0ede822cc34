/** The enterprises that the person speaks for, and the one that is looked at. */
import { computed, ref } from 'vue'
import { api, ask } from '@/api/client'
import { useLoad } from '@/api/load'
import { last } from '@/api/names'
import { city, session } from '@/session/session'

export const enterprise = ref('')
export const enterpriseId = computed(() => last(enterprise.value))
/** Whether the person administers the enterprise that is looked at. */
export const administers = computed(() => !!session.who?.adminOf.some(e => last(e) === enterpriseId.value))

export function useEnterprises() {
  const load = useLoad(async signal => {
    const all = (await ask(api.GET('/v1/cities/{city}/enterprises', { params: { path: { city: city.value }, query: { pageSize: 200 } }, signal }))).enterprises ?? []
    if (!all.some(e => e.name === enterprise.value)) enterprise.value = all[0]?.name ?? ''
    return all
  })
  return { load }
}
