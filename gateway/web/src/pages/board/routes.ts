import type { RouteRecordRaw } from 'vue-router'

export const board: RouteRecordRaw[] = [
  { path: '/board', name: 'board', component: () => import('./Board.vue') },
  { path: '/board/list', name: 'board-list', component: () => import('./BoardList.vue') },
  { path: '/board/approvals', name: 'board-approvals', component: () => import('./Approvals.vue') },
  { path: '/board/months', name: 'board-months', component: () => import('./Months.vue') },
  { path: '/board/months/:month', name: 'board-month', component: () => import('./Month.vue') },
]
