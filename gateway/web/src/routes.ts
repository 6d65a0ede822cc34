/** Every address of the app. An area keeps its own; what an address shows may depend on who looks. */
import type { RouteRecordRaw } from 'vue-router'
import { admin } from './pages/admin/routes'
import { agent } from './pages/agent/routes'
import { approvals } from './pages/approvals/routes'
import { board } from './pages/board/routes'
import { desk } from './pages/desk/routes'
import { entry } from './pages/entry/routes'
import { phone } from './pages/phone/routes'
import { portal } from './pages/portal/routes'

declare module 'vue-router' {
  interface RouteMeta {
    /** Reached without signing in. */
    open?: boolean
  }
}

export const routes: RouteRecordRaw[] = [...entry, ...phone, ...approvals, ...desk, ...agent, ...portal, ...board, ...admin,
  { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/entry/Missing.vue'), meta: { open: true } }]
