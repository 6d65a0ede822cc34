import type { RouteRecordRaw } from 'vue-router'

export const entry: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./Missing.vue') }, // the guard leads on; see router.ts
  { path: '/sign-in', name: 'sign-in', component: () => import('./SignIn.vue'), meta: { open: true } },
]
