import type { RouteRecordRaw } from 'vue-router'
import { filing } from './filing/routes'

export const phone: RouteRecordRaw[] = [
  ...filing,
  { path: '/my', name: 'my', component: () => import('./My.vue') },
  { path: '/tickets/:ticket', name: 'ticket', component: () => import('../TicketPage.vue') },
  { path: '/tickets/:ticket/verify', name: 'verify', component: () => import('./Verify.vue') },
]
