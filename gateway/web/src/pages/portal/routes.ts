import type { RouteRecordRaw } from 'vue-router'

export const portal: RouteRecordRaw[] = [
  { path: '/portal', component: () => import('./Portal.vue'), children: [
    { path: '', name: 'portal', component: () => import('./Home.vue') },
    { path: 'tickets', component: () => import('./Tickets.vue') },
    { path: 'cases', component: () => import('./Cases.vue') },
    { path: 'projects', component: () => import('./Projects.vue') },
    { path: 'members', component: () => import('./Members.vue') },
    { path: 'files', component: () => import('./Files.vue') },
    { path: 'export', component: () => import('./Export.vue') },
  ] },
]
