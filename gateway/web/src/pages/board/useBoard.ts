/** The board as its screens share it: read at once, and anew when an invitation says so, at most twice a second; what is shown stays when the line goes. */
import { computed, onScopeDispose, provide, inject, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { api, ask } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad } from '@/api/load'
import { city, has } from '@/session/session'
import { iso } from '@/time/format'
import { serverNow } from '@/time/ticker'
import { readCity } from '@/parts/city'
import { dayKinds, enterpriseName } from './city'
import { fold } from './fold'
import { ago, sameHour, trend, type DayKind } from './trend'
import { asked, worst, type Ticket } from './worst'
import { line } from './model'
import { narrowed, type Figure } from './numbers'

const twice = 500
const worstEvery = 2000

export function createBoard(options: { days: () => number, wall?: boolean }) {
  void readCity()
  const kinds = shallowRef<ReadonlyMap<string, DayKind>>(new Map())
  const load = useLoad(async signal => {
    const to = serverNow()
    const from = new Date(to.getTime() - (options.days() - 1) * 86_400_000)
    const board = await ask(api.GET('/v1/cities/{city}/board', { params: { path: { city: city.value }, query: { fromDate: iso(from), toDate: iso(to), days: true } }, signal }))
    if (!kinds.value.size) void dayKinds(board.fromDate ?? '', board.toDate ?? '').then(k => { kinds.value = k })
    return board
  })
  const board = load.data
  const tickets = shallowRef<readonly Ticket[]>([])
  const names = ref<Record<string, string>>({})
  const oldest = ref<Record<number, string>>({})

  const days = computed(() => trend(board.value, kinds.value))
  /** What was filed, and newly overdue, this day last week by this time of day; nothing where there is more than a list counts. */
  const weekAgo = shallowRef<{ filed?: Figure, breached?: Figure }>({})
  async function readWeekAgo() {
    const today = ago(days.value, 0)
    const one = async (figure: Figure | undefined, known: Figure | undefined): Promise<Figure | undefined> => {
      const filter = figure && sameHour(figure, serverNow())
      if (!figure || !filter || figure.list !== 'TICKETS') return undefined
      if (known?.filter === filter) return known
      const page = await list(filter, '', 1)
      return page.totalCapped ? undefined : { n: page.totalSize ?? 0, list: 'TICKETS', filter }
    }
    try {
      const [filed, breached] = await Promise.all([one(today?.filed, weekAgo.value.filed), one(today?.breached, weekAgo.value.breached)])
      weekAgo.value = { filed, breached }
    } catch { /* a comparison that is missing is not shown */ weekAgo.value = {} }
  }
  const list = (filter: string, orderBy: string, pageSize: number) => ask(api.GET('/v1/cities/{city}/tickets', { params: { path: { city: city.value }, query: { filter, orderBy, pageSize } } }))
  async function readWorst() {
    try {
      // On a wall that anybody passes stands nothing that is confidential or about an official.
      const filter = options.wall ? narrowed(asked, 'restricted = false') : asked
      tickets.value = (await list(filter, 'due_time', 50)).tickets ?? []
      for (const { ticket } of rows.value) if (ticket.enterprise) void enterpriseName(ticket.enterprise).then(n => { names.value[ticket.enterprise as string] = n })
      const rungs = line(board.value?.total)
      await Promise.all(rungs.map(async r => { oldest.value[r.rung] = r.open.n ? (await list(r.open.filter, 'create_time', 1)).tickets?.[0]?.createTime ?? '' : '' }))
    } catch { /* what is shown stays; the line says that it is old */ }
  }
  const rows = computed(() => worst(tickets.value, load.asOf.value ?? serverNow()))

  const boards = fold(load.again, twice)
  const worsts = fold(readWorst, worstEvery)
  watch(board, () => { worsts.ask(); void readWeekAgo() })
  watch(() => options.days(), () => boards.ask())
  const { line: stream } = useLive(() => `/v1/cities/${city.value}:watch?topics=BOARD`, { board: boards.ask, reset: boards.ask }, 3000)
  // Who comes back reads anew: what happened meanwhile is in the numbers, not in the invitations.
  watch(stream, now => { if (now === 'live') boards.ask() })
  // Deadlines pass without an event: the numbers of what is overdue move with the quarter of an hour.
  const minute = setInterval(() => { if (document.visibilityState === 'visible') boards.ask() }, 60_000)
  onScopeDispose(() => { boards.stop(); worsts.stop(); clearInterval(minute) })

  return {
    load, board, stream, rows, names, oldest, kinds,
    total: computed(() => board.value?.total),
    days, weekAgo,
    /** Numbers are old: the line is gone, or the last reading failed. */
    old: computed(() => stream.value === 'lost' || !!load.problem.value && !!board.value),
    maySteer: computed(() => has('ROLE_MAYOR_OFFICE', 'ROLE_SUPERVISOR')),
    refresh: () => { boards.ask(); worsts.ask() },
  }
}
export type BoardModel = ReturnType<typeof createBoard>
const key: InjectionKey<BoardModel> = Symbol('board')
export function provideBoard(model: BoardModel): BoardModel { provide(key, model); return model }
export function useBoard(): BoardModel {
  const model = inject(key)
  if (!model) throw new Error('a part of the board stands outside it')
  return model
}
