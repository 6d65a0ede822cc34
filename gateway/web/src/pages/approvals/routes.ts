import type { RouteRecordRaw } from 'vue-router'

export const approvals: RouteRecordRaw[] = [
  { path: '/approvals', name: 'approvals', component: () => import('./Approvals.vue') },
  { path: '/approvals/new', component: () => import('./Open.vue') },
  { path: '/approvals/:case', component: () => import('./Case.vue') },
]
