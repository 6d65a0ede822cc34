/** The city's catalogue of approvals, public and read once. */
import { computed, shallowRef } from 'vue'
import { api, ask, type Agency } from '@/api/client'
import { city } from '@/session/session'
import { lang } from '@/text/text'

const known = shallowRef<Agency<'ApprovalCatalogue'>>()
let reading: Promise<void> | undefined

export function named(x: { displayName?: string, displayNameEn?: string } | undefined): string { return (lang.value === 'en' && x?.displayNameEn) || x?.displayName || '' }

export function useCatalogue() {
  reading ??= ask(api.GET('/v1/cities/{city}/approvalCatalogue', { params: { path: { city: city.value } } })).then(c => { known.value = c }, () => { reading = undefined })
  const catalogue = computed(() => known.value?.catalogue)
  const stageName = (code: string | undefined) => named(catalogue.value?.stages?.find(s => s.code === code)) || (code ?? '')
  const materialName = (code: string | undefined) => named(catalogue.value?.materials?.find(m => m.code === code)) || (code ?? '')
  const itemName = (code: string | undefined) => named(catalogue.value?.items?.find(i => i.code === code)) || (code ?? '')
  return { catalogue, stageName, materialName, itemName }
}
