import type { RouteRecordRaw } from 'vue-router'
import { isOfficial } from '@/session/session'

export const agent: RouteRecordRaw[] = [
  { path: '/agent', name: 'agent', component: () => import('./Agent.vue') },
  { path: '/agent/open', name: 'agent-open', component: () => import('./Open.vue') },
  // The same case has two faces: whoever is no official is shown the enterprise's.
  { path: '/cases/:case', name: 'case', component: () => import('./Case.vue'), beforeEnter: to => isOfficial.value || `/approvals/${String(to.params.case)}` },
]
