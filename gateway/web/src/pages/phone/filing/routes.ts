import type { RouteRecordRaw } from 'vue-router'

/** Open: a problem can be told before there is a network, or a session, to send it with. */
export const filing: RouteRecordRaw[] = [
  { path: '/file', name: 'file', component: () => import('./File.vue'), meta: { open: true } },
  { path: '/file/:draft', name: 'draft', component: () => import('./Draft.vue'), props: true, meta: { open: true } },
  { path: '/outbox', name: 'outbox', component: () => import('./Outbox.vue'), meta: { open: true } },
  { path: '/receipt/:ticket', name: 'receipt', component: () => import('./Receipt.vue'), props: true },
  { path: '/me', name: 'me', component: () => import('./Me.vue') },
]
