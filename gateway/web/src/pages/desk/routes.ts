import type { RouteRecordRaw } from 'vue-router'

export const desk: RouteRecordRaw[] = [
  { path: '/desk', name: 'desk', component: () => import('./Desk.vue') },
  { path: '/desk/tickets', component: () => import('./Tickets.vue') },
  { path: '/desk/orders', component: () => import('./Orders.vue') },
  { path: '/desk/returns', component: () => import('./Returns.vue') },
  { path: '/desk/file', component: () => import('./FileFor.vue') },
  { path: '/desk/issues', component: () => import('./Issues.vue') },
  { path: '/desk/enterprises', component: () => import('./Enterprises.vue') },
  { path: '/desk/visits', component: () => import('./Visits.vue') },
  { path: '/desk/leave', component: () => import('./Leave.vue') },
  { path: '/desk/coverage', component: () => import('./Coverage.vue') },
]
