/**
 * A number of the board and what opens it: the list that shows exactly what is behind it. Every count of the contract carries its filter; what the
 * contract leaves out because it is nothing is asked for with the filter it would have had.
 */
import type { RouteLocationRaw } from 'vue-router'
import type { Agency, Hotline } from '@/api/client'
import { whole } from './figures'

export type List = 'TICKETS' | 'WORK_ORDERS' | 'RETURNS' | 'COMMON_ISSUES' | 'CASES' | 'ITEMS' | 'COMMITMENTS'
export type Count = Hotline<'Count'> | Agency<'ApprovalCount'>
export type Group = Hotline<'Group'>
export type Board = Hotline<'Board'>
export type ClockCounts = Hotline<'ClockCounts'>

/** A figure with its list. */
export interface Figure { n: number, list: List, filter: string }

const lists: List[] = ['TICKETS', 'WORK_ORDERS', 'RETURNS', 'COMMON_ISSUES', 'CASES', 'ITEMS', 'COMMITMENTS']

export function fig(count: Count | undefined): Figure {
  const list = lists.find(l => l === count?.list) ?? 'TICKETS'
  return { n: whole(count?.value), list, filter: count?.filter ?? '' }
}

/** narrowed is the same list with one more condition; filters of the board join with AND, and put what they OR in brackets. */
export function narrowed(filter: string, condition: string): string {
  return filter ? `${filter} AND ${condition}` : condition
}

/** where the list of a figure is shown. */
export function where(figure: Figure, title: string): RouteLocationRaw {
  return { path: '/board/list', query: { list: figure.list, filter: figure.filter, title } }
}

const noClock: ClockCounts = {}
export function clock(group: Group | undefined, kind: string): ClockCounts {
  return group?.clocks?.find(c => c.kind === kind) ?? group?.workOrders?.clocks?.find(c => c.kind === kind) ?? noClock
}
