/** Addresses, who may see them, where home is, and what the title of the page says. */
import { nextTick } from 'vue'
import { createRouter, createWebHistory, type RouteLocationRaw } from 'vue-router'
import { routes } from './routes'
import { has, isOfficial, load, session } from './session/session'

/** Wide enough for a desk. */
export const wide = matchMedia('(min-width: 1024px)')

/** home is the first screen of who is signed in. */
export function home(): RouteLocationRaw {
  if (!isOfficial.value) return wide.matches ? '/portal' : '/file'
  if (has('ROLE_MAYOR_OFFICE', 'ROLE_LEADER')) return '/board'
  if (has('ROLE_CITY_ADMIN', 'ROLE_AUDITOR')) return '/admin'
  if (has('ROLE_AGENT') && !has('ROLE_ATTENDANT')) return '/agent'
  return '/desk'
}

export const router = createRouter({
  history: createWebHistory(),
  routes,
  // The first screen is at its top already; to scroll it there would lay it out before anything is painted.
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path || !from.matched.length ? undefined : { top: 0 }),
})

router.beforeEach(async to => {
  if (!session.known) await load()
  if (!session.who && !to.meta.open && !session.unreachable) return { name: 'sign-in', query: to.path === '/' ? {} : { to: to.fullPath } }
  if (to.name === 'home') return session.who ? home() : '/file'
  return true
})

// A new screen begins at its title, for eyes and for screen readers.
router.afterEach((to, from) => {
  if (from.matched.length && to.path !== from.path) void nextTick(() => document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true }))
})

/** title sets what the tab and a screen reader say: 状态 · 编号 · 市长直通车. */
export function title(...words: (string | undefined)[]) {
  document.title = [...words.filter(Boolean), '市长直通车'].join(' · ')
}
