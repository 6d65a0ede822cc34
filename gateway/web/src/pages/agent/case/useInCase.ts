import { computed, inject } from 'vue'
import { theCase, type TheCase } from './useCase'

/** useInCase gives a part of the page the case that stands around it. */
export function useInCase(): TheCase & { c: import('vue').ComputedRef<NonNullable<TheCase['load']['data']['value']>> } {
  const it = inject(theCase)
  if (!it) throw new Error('outside of a case')
  return { ...it, c: computed(() => it.load.data.value ?? {}) }
}
