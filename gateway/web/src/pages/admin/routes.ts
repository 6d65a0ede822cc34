import type { RouteRecordRaw } from 'vue-router'

export const admin: RouteRecordRaw[] = [{
  path: '/admin',
  component: () => import('./Admin.vue'),
  children: [
    { path: '', name: 'admin', component: () => import('./Versions.vue') },
    { path: 'policies', component: () => import('./Policies.vue') },
    { path: 'calendar/:year(\\d{4})?', component: () => import('./CalendarYear.vue') },
    { path: 'staff', component: () => import('./Staff.vue') },
    { path: 'units', component: () => import('./Table.vue'), props: { section: 'units' } },
    { path: 'categories', component: () => import('./Table.vue'), props: { section: 'categories' } },
    { path: 'catalogue', component: () => import('./Table.vue'), props: { section: 'catalogue' } },
    { path: 'files/:path(.*)?', component: () => import('./Files.vue') },
    { path: 'apply', component: () => import('./Apply.vue') },
    { path: 'boards', component: () => import('./Boards.vue') },
  ],
}]
